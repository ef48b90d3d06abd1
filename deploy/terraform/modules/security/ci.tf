# GitHub's workflows come in by their own identity: there is no key to be lost.

locals {
  # From GitHub's environment of that name alone: production's asks somebody to approve. A tag, which anyone with
  # write access may push, is not enough.
  github_environment = { prod = "production", staging = "staging" }[var.stage]
}

resource "aws_iam_openid_connect_provider" "github" {
  url            = "https://token.actions.githubusercontent.com"
  client_id_list = ["sts.amazonaws.com"]
}

resource "aws_iam_role" "ci" {
  name                 = "currency-service-ci"
  description          = "Workflows of ${var.github_repository}: images, migrations, releases."
  max_session_duration = 7200 # a release that watches each of its steps
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect    = "Allow"
        Principal = { Federated = "arn:aws:iam::${var.account_id}:oidc-provider/token.actions.githubusercontent.com" }
        Action    = "sts:AssumeRoleWithWebIdentity"
        Condition = {
          StringEquals = {
            "token.actions.githubusercontent.com:aud" = "sts.amazonaws.com"
            "token.actions.githubusercontent.com:sub" = "repo:${var.github_repository}:environment:${local.github_environment}"
          }
        }
      },
    ]
  })
}

resource "aws_iam_role_policy" "ci" {
  name   = "ci"
  role   = aws_iam_role.ci.name
  policy = templatefile("${path.module}/policies/ci.json", local.names)
}
