"""Django's backend for MySQL, with what RDS and Aurora ask of it beyond a laptop's server."""
