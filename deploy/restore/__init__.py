"""Aurora and DynamoDB as they were at a moment of the past: beside what is there, looked at, put in its place.

`aurora` and `dynamodb` make the copies and take them over, `verify` looks at one, `drill` does all of it with
servers of its own, so that the day it is needed is not the first. Commands: `python -m deploy.restore --help`.
"""
