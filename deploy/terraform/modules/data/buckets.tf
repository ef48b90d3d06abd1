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

resource "aws_s3_bucket_policy" "main" {
  for_each = aws_s3_bucket.main

  bucket = each.value.id
  policy = data.aws_iam_policy_document.bucket[each.key].json

  depends_on = [aws_s3_bucket_public_access_block.main]
}

data "aws_iam_policy_document" "bucket" {
  for_each = var.buckets

  statement {
    sid       = "OnlyOverTLS"
    effect    = "Deny"
    actions   = ["s3:*"]
    resources = ["arn:aws:s3:::${each.value}", "arn:aws:s3:::${each.value}/*"]

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

  # Not even an administrator, unless he takes this away first. What a provider sent cannot be asked for twice.
  dynamic "statement" {
    for_each = each.key == "archive" ? ["NothingIsDeleted"] : []

    content {
      sid       = statement.value
      effect    = "Deny"
      actions   = ["s3:DeleteObject", "s3:DeleteObjectVersion", "s3:DeleteBucket"]
      resources = ["arn:aws:s3:::${each.value}", "arn:aws:s3:::${each.value}/*"]

      principals {
        type        = "*"
        identifiers = ["*"]
      }
    }
  }

  dynamic "statement" {
    for_each = each.key == "static" ? ["CloudFrontReads"] : []

    content {
      sid       = statement.value
      actions   = ["s3:GetObject"]
      resources = ["arn:aws:s3:::${each.value}/*"]

      principals {
        type        = "Service"
        identifiers = ["cloudfront.amazonaws.com"]
      }

      condition {
        test     = "StringEquals"
        variable = "aws:SourceArn"
        values   = [aws_cloudfront_distribution.static.arn]
      }
    }
  }

  dynamic "statement" {
    for_each = each.key == "logs" ? ["AccessLogsArrive"] : []

    content {
      sid       = statement.value
      actions   = ["s3:PutObject"]
      resources = ["arn:aws:s3:::${each.value}/s3/*"]

      principals {
        type        = "Service"
        identifiers = ["logging.s3.amazonaws.com"]
      }

      condition {
        test     = "StringEquals"
        variable = "aws:SourceAccount"
        values   = [var.account_id]
      }
    }
  }
}
