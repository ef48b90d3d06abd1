# Route 53 keeps the figures of its health checks in Virginia, and an alarm tells only a topic beside it.

resource "aws_sns_topic" "outside" {
  #checkov:skip=CKV_AWS_26: What it says is a public address and whether it answers; CloudWatch needs a key of its own for more.
  region = "us-east-1"

  name = "currency-service-alerts"
}

resource "aws_sns_topic_policy" "outside" {
  region = "us-east-1"

  arn = aws_sns_topic.outside.arn
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "OurAlarmsSpeakHere"
        Effect    = "Allow"
        Principal = { Service = "cloudwatch.amazonaws.com" }
        Action    = "sns:Publish"
        Resource  = aws_sns_topic.outside.arn
        Condition = { StringEquals = { "aws:SourceAccount" = var.account_id } }
      },
    ]
  })
}

resource "aws_sns_topic_subscription" "outside" {
  region = "us-east-1"
  count  = var.alert_email == "" ? 0 : 1

  topic_arn = aws_sns_topic.outside.arn
  protocol  = "email"
  endpoint  = var.alert_email
}

resource "aws_cloudwatch_metric_alarm" "outside" {
  region = "us-east-1"
  count  = var.api_gateway_id == "" ? 0 : 1

  alarm_name          = "${local.prefix}-HealthCheck"
  alarm_description   = "The site does not answer, or cannot read its database, seen from outside. ${local.runbook}"
  namespace           = "AWS/Route53"
  metric_name         = "HealthCheckStatus"
  dimensions          = { HealthCheckId = var.health_check_id }
  statistic           = "Minimum"
  comparison_operator = "LessThanThreshold"
  threshold           = 1
  period              = 60
  evaluation_periods  = 2
  treat_missing_data  = "breaching"
  alarm_actions       = [aws_sns_topic.outside.arn]
  ok_actions          = [aws_sns_topic.outside.arn]
}
