# Celery's queues. A message that five attempts could not finish waits among the dead, where an operator
# looks at it (`manage.py dead_letters`) and sends it again.

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

  redrive_policy = each.key == "dead" ? null : jsonencode({
    deadLetterTargetArn = local.arns.dead
    maxReceiveCount     = 5
  })
  redrive_allow_policy = each.key != "dead" ? null : jsonencode({
    redrivePermission = "byQueue"
    sourceQueueArns   = [local.arns.ranking, local.arns.data]
  })
}

data "aws_iam_policy_document" "queue" {
  for_each = local.arns

  statement {
    sid       = "OnlyOverTLS"
    effect    = "Deny"
    actions   = ["sqs:*"]
    resources = [each.value]

    principals {
      type        = "*"
      identifiers = ["*"]
    }

    condition {
      test     = "Bool"
      variable = "aws:SecureTransport"
      values   = ["false"]
    }
  }

  # Who may, is told by the roles of this account; nobody else's roles count.
  statement {
    sid       = "OnlyThisAccount"
    effect    = "Deny"
    actions   = ["sqs:*"]
    resources = [each.value]

    principals {
      type        = "*"
      identifiers = ["*"]
    }

    condition {
      test     = "StringNotEquals"
      variable = "aws:PrincipalAccount"
      values   = [var.account_id]
    }
  }
}

resource "aws_sqs_queue_policy" "main" {
  for_each = aws_sqs_queue.main

  queue_url = each.value.url
  policy    = data.aws_iam_policy_document.queue[each.key].json
}
