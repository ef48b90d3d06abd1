output "queues" {
  value = aws_sqs_queue.main
}

output "queue_policies" {
  value = { for name, document in data.aws_iam_policy_document.queue : name => jsondecode(document.json) }
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
