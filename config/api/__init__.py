"""The API's manners: envelope, errors, strict queries, keys, limits, stored answers, schema."""
