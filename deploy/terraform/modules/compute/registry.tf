# Images of the web tier and of workers. A tag names one image for ever; what nobody runs any more goes.

resource "aws_ecr_repository" "main" {
  for_each = var.repositories

  name                 = each.value
  image_tag_mutability = "IMMUTABLE"

  image_scanning_configuration {
    scan_on_push = true
  }

  encryption_configuration {
    encryption_type = "KMS"
    kms_key         = var.data_key_arn
  }
}

resource "aws_ecr_lifecycle_policy" "main" {
  for_each = aws_ecr_repository.main

  repository = each.value.name
  policy = jsonencode({
    rules = [
      {
        rulePriority = 1
        description  = "Layers of builds that failed"
        selection    = { tagStatus = "untagged", countType = "sinceImagePushed", countUnit = "days", countNumber = 7 }
        action       = { type = "expire" }
      },
      {
        rulePriority = 2
        # A release keeps three versions of the function; thirty leave room for builds that were never released.
        description = "The newest thirty builds"
        selection   = { tagStatus = "tagged", tagPatternList = ["*"], countType = "imageCountMoreThan", countNumber = 30 }
        action      = { type = "expire" }
      },
    ]
  })
}

# Lambda fetches the web image itself, as a service.
resource "aws_ecr_repository_policy" "web" {
  repository = aws_ecr_repository.main["web"].name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "LambdaPulls"
        Effect    = "Allow"
        Principal = { Service = "lambda.amazonaws.com" }
        Action    = ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
        Condition = { ArnLike = { "aws:SourceArn" = "arn:aws:lambda:${var.region}:${var.account_id}:function:${var.function_name}" } }
      },
    ]
  })
}
