# Three keys: of what is kept, of what is on its way, of what was logged. Roles find them by alias, so that
# their policies are known before the keys are.

locals {
  root = "arn:aws:iam::${var.account_id}:root"

  # Without it nobody could use or change a key, and no policy of a role could allow it.
  key_owner = {
    Sid       = "PoliciesOfThisAccountDecide"
    Effect    = "Allow"
    Principal = { AWS = local.root }
    Action    = "kms:*"
    Resource  = "*"
  }
}

resource "aws_kms_key" "data" {
  description             = "Aurora, DynamoDB, Redis, S3, disks, and the secrets in Parameter Store"
  enable_key_rotation     = true
  deletion_window_in_days = 30
  policy                  = jsonencode({ Version = "2012-10-17", Statement = [local.key_owner] })
}

resource "aws_kms_key" "messages" {
  description             = "Queues and alerts"
  enable_key_rotation     = true
  deletion_window_in_days = 30
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      local.key_owner,
      {
        Sid       = "AlarmsReachAnEncryptedTopic"
        Effect    = "Allow"
        Principal = { Service = "cloudwatch.amazonaws.com" }
        Action    = ["kms:Decrypt", "kms:GenerateDataKey*"]
        Resource  = "*"
        # No condition: with one, alarms are lost without a word. Whose alarms may speak, the topic's policy says.
      },
    ]
  })
}

resource "aws_kms_key" "logs" {
  description             = "Log groups of CloudWatch"
  enable_key_rotation     = true
  deletion_window_in_days = 30
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      local.key_owner,
      {
        Sid       = "CloudWatchEncryptsOurLogGroups"
        Effect    = "Allow"
        Principal = { Service = "logs.${var.region}.amazonaws.com" }
        Action    = ["kms:Decrypt", "kms:Describe*", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"]
        Resource  = "*"
        Condition = {
          ArnLike = { "kms:EncryptionContext:aws:logs:arn" = "arn:aws:logs:${var.region}:${var.account_id}:*" }
        }
      },
    ]
  })
}

resource "aws_kms_alias" "this" {
  for_each = {
    data     = aws_kms_key.data.key_id
    messages = aws_kms_key.messages.key_id
    logs     = aws_kms_key.logs.key_id
  }

  name          = "alias/currency-service-${each.key}"
  target_key_id = each.value
}
