output "api_log_group_arn" {
  description = "Where the stage's access log goes, once it is switched on."
  value       = aws_cloudwatch_log_group.this["api"].arn
}
