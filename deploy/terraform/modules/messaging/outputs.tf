output "queues" {
  value = aws_sqs_queue.main
}

output "queue_redrives" {
  value = { for name, redrive in aws_sqs_queue_redrive_policy.main : name => jsondecode(redrive.redrive_policy) }
}

output "queue_policies" {
  value = { for name, policy in aws_sqs_queue_policy.main : name => jsondecode(policy.policy) }
}

output "alerts_topic_arn" {
  value = aws_sns_topic.alerts.arn
}

output "alerts_topic" {
  value = aws_sns_topic.alerts
}

output "alerts_subscriptions" {
  value = aws_sns_topic_subscription.email
}

output "kafka" {
  value = aws_msk_cluster.main
}

output "kafka_properties" {
  value = aws_msk_configuration.main.server_properties
}

output "kafka_topics" {
  value = aws_msk_topic.main
}
