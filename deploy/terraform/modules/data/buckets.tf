# archive: raw payloads as providers sent them, kept for ever. static: files of the pages, served by
# CloudFront. logs: who read the buckets. zappa: packages on their way to Lambda.

locals {
  # S3's own access logs and CloudFront can do without a key that both would have to be allowed to use.
  with_key = toset(["archive", "zappa"])
  # Days after which a version that was replaced is gone.
  replaced = { archive = 365, static = 30, logs = 30, zappa = 30 }
  # Days after which an object is gone.
  expiring_objects = { logs = 365, zappa = 90 }
}

resource "aws_s3_bucket" "main" {
  #checkov:skip=CKV_AWS_144: Three zones hold it; a second region would double the cost of what can be fetched again.
  #checkov:skip=CKV2_AWS_62: Nobody waits for an object to appear.
  #checkov:skip=CKV_AWS_145: Where a key of ours is of use there is one: local.with_key.
  #checkov:skip=CKV_AWS_18: All but the logs' own bucket are logged: aws_s3_bucket_logging below.
  for_each = var.buckets

  bucket = each.value
}

resource "aws_s3_bucket_public_access_block" "main" {
  for_each = aws_s3_bucket.main

  bucket                  = each.value.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_ownership_controls" "main" {
  for_each = aws_s3_bucket.main

  bucket = each.value.id

  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

resource "aws_s3_bucket_versioning" "main" {
  for_each = aws_s3_bucket.main

  bucket = each.value.id

  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "main" {
  for_each = aws_s3_bucket.main

  bucket = each.value.id

  rule {
    bucket_key_enabled = true

    apply_server_side_encryption_by_default {
      sse_algorithm     = contains(local.with_key, each.key) ? "aws:kms" : "AES256"
      kms_master_key_id = contains(local.with_key, each.key) ? var.data_key_arn : null
    }
  }
}

resource "aws_s3_bucket_lifecycle_configuration" "main" {
  for_each = aws_s3_bucket.main

  bucket = each.value.id

  rule {
    id     = "tidy"
    status = "Enabled"
    filter {}

    abort_incomplete_multipart_upload {
      days_after_initiation = 7
    }

    noncurrent_version_expiration {
      noncurrent_days = local.replaced[each.key]
    }

    dynamic "expiration" {
      for_each = [for bucket, days in local.expiring_objects : days if bucket == each.key]

      content {
        days = expiration.value
      }
    }

    # Read within milliseconds all the same, should it be parsed again.
    dynamic "transition" {
      for_each = each.key == "archive" ? [90] : []

      content {
        days          = transition.value
        storage_class = "GLACIER_IR"
      }
    }
  }

  depends_on = [aws_s3_bucket_versioning.main]
}

resource "aws_s3_bucket_logging" "main" {
  for_each = { for name, bucket in aws_s3_bucket.main : name => bucket if name != "logs" }

  bucket        = each.value.id
  target_bucket = aws_s3_bucket.main["logs"].id
  target_prefix = "s3/${each.key}/"
}

# ---- who may, and who never may ---------------------------------------------------------------------

locals {
  statements = {
    for name, bucket in var.buckets : name => concat(
      [
        {
          Sid       = "OnlyOverTLS"
          Effect    = "Deny"
          Principal = "*"
          Action    = "s3:*"
          Resource  = ["arn:aws:s3:::${bucket}", "arn:aws:s3:::${bucket}/*"]
          Condition = { Bool = { "aws:SecureTransport" = "false" } }
        },
      ],
      lookup(local.further_statements, name, []),
    )
  }

  further_statements = {
    # Not even an administrator, unless he takes this away first: no provider can be asked again for what it sent.
    archive = [
      {
        Sid       = "NothingIsDeleted"
        Effect    = "Deny"
        Principal = "*"
        Action    = ["s3:DeleteBucket", "s3:DeleteObject", "s3:DeleteObjectVersion"]
        Resource  = ["arn:aws:s3:::${var.buckets.archive}", "arn:aws:s3:::${var.buckets.archive}/*"]
      },
    ]
    static = [
      {
        Sid       = "CloudFrontReads"
        Effect    = "Allow"
        Principal = { Service = "cloudfront.amazonaws.com" }
        Action    = "s3:GetObject"
        Resource  = "arn:aws:s3:::${var.buckets.static}/*"
        Condition = { StringEquals = { "aws:SourceArn" = aws_cloudfront_distribution.static.arn } }
      },
    ]
    logs = [
      {
        Sid       = "AccessLogsArrive"
        Effect    = "Allow"
        Principal = { Service = "logging.s3.amazonaws.com" }
        Action    = "s3:PutObject"
        Resource  = "arn:aws:s3:::${var.buckets.logs}/s3/*"
        Condition = { StringEquals = { "aws:SourceAccount" = var.account_id } }
      },
    ]
  }
}

resource "aws_s3_bucket_policy" "main" {
  for_each = aws_s3_bucket.main

  bucket = each.value.id
  policy = jsonencode({ Version = "2012-10-17", Statement = local.statements[each.key] })

  depends_on = [aws_s3_bucket_public_access_block.main]
}
