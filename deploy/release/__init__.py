"""How a commit gets from the checkout to everybody: `python -m deploy.release STEP --stage STAGE`.

A release is two published versions of one Lambda function and an alias, `live`, that divides the traffic
between them (docs/decisions/0018). What decides is plain functions over plain data; AWS, Docker, kubectl
and HTTP are asked at the edges.
"""
