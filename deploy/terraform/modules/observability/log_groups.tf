# Made before anybody writes to them: whoever finds none makes one that is kept for ever, in the clear.

locals {
  log_groups = {
    web  = "/aws/lambda/${var.function_name}"
    api  = "/aws/apigateway/${var.function_name}"
    pods = "/aws/containerinsights/${var.cluster_name}/application"
  }
}

resource "aws_cloudwatch_log_group" "this" {
  for_each = local.log_groups

  name              = each.value
  retention_in_days = var.log_retention_days
  kms_key_id        = var.logs_key_arn
}

# One for the account: API Gateway writes no access log without it. The stage is Zappa's, so that its access log is
# switched on by one command (docs/deploy.md).
resource "aws_api_gateway_account" "this" {
  cloudwatch_role_arn = aws_iam_role.api_logs.arn

  # API Gateway tries the role as soon as it is told of it.
  depends_on = [aws_iam_role_policy_attachment.api_logs]
}

resource "aws_iam_role" "api_logs" {
  name = "currency-service-api-logs"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Effect = "Allow", Principal = { Service = "apigateway.amazonaws.com" }, Action = "sts:AssumeRole" },
    ]
  })
}

resource "aws_iam_role_policy_attachment" "api_logs" {
  role       = aws_iam_role.api_logs.name
  policy_arn = "arn:aws:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs"
}
