# Celery's queues. A message that five attempts could not finish waits among the dead, where an operator
# looks at it (`manage.py dlq`) and sends it again.

locals {
  arns = { for name, queue in var.queues : name => "arn:aws:sqs:${var.region}:${var.account_id}:${queue}" }
  # Alive: four days, a long weekend. Dead: two weeks to look at it.
  retention = { ranking = 4 * 86400, data = 4 * 86400, dead = 14 * 86400 }
}

resource "aws_sqs_queue" "main" {
  for_each = var.queues

  name = each.value
  # 1.2 × the longest time limit of a task, 300 s: a task still at work is not given to a second worker.
  visibility_timeout_seconds = 360
  message_retention_seconds  = local.retention[each.key]
  max_message_size           = 1048576
  receive_wait_time_seconds  = 20

  kms_master_key_id                 = var.messages_key_arn
  kms_data_key_reuse_period_seconds = 3600 # a call to KMS an hour, not for each message

  redrive_allow_policy = each.key != "dead" ? null : jsonencode({
    redrivePermission = "byQueue"
    sourceQueueArns   = [local.arns.ranking, local.arns.data]
  })
}

# By itself, after all three: SQS refuses dead letters to a queue that is not there yet.
resource "aws_sqs_queue_redrive_policy" "main" {
  for_each = toset(["ranking", "data"])

  queue_url = aws_sqs_queue.main[each.key].url
  redrive_policy = jsonencode({
    deadLetterTargetArn = local.arns.dead
    maxReceiveCount     = 5
  })
}

# Who may, is told by the roles of this account. Nobody else's roles count, and nothing without TLS.
resource "aws_sqs_queue_policy" "main" {
  for_each = aws_sqs_queue.main

  queue_url = each.value.url
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "OnlyOverTLS"
        Effect    = "Deny"
        Principal = "*"
        Action    = "sqs:*"
        Resource  = local.arns[each.key]
        Condition = { Bool = { "aws:SecureTransport" = "false" } }
      },
      {
        Sid       = "OnlyThisAccount"
        Effect    = "Deny"
        Principal = "*"
        Action    = "sqs:*"
        Resource  = local.arns[each.key]
        Condition = { StringNotEquals = { "aws:PrincipalAccount" = var.account_id } }
      },
    ]
  })
}
