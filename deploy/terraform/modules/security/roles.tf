# Who may do what. A role's policy is policies/<role>.json: data, which the tests hold against what the code asks
# AWS for. Where a statement is wide, its Sid says why.

locals {
  # What the policies are filled in with.
  names = {
    account_id        = var.account_id
    region            = var.region
    function_name     = var.function_name
    archive_bucket    = var.buckets.archive
    static_bucket     = var.buckets.static
    zappa_bucket      = var.buckets.zappa
    ranking_queue     = var.queues.ranking
    data_queue        = var.queues.data
    dead_queue        = var.queues.dead
    selections_table  = var.tables.selections
    results_table     = var.tables.results
    web_repository    = var.repositories.web
    worker_repository = var.repositories.worker
    cluster_name      = var.cluster_name
    kafka_name        = var.kafka_name
    database_user     = var.database_user
  }

  # Roles of pods, by the service account that has them (EKS Pod Identity).
  pods = {
    worker     = { namespace = var.cluster_name, service_account = "worker" }
    beat       = { namespace = var.cluster_name, service_account = "beat" }
    migrate    = { namespace = var.cluster_name, service_account = "migrate" }
    autoscaler = { namespace = "keda", service_account = "keda-operator" }
  }
}

resource "aws_iam_role" "lambda" {
  name        = "currency-service-lambda"
  description = "The web tier. Whoever may invoke the function may do all this: Zappa runs what an event tells it to."
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect = "Allow"
        # API Gateway invokes the function as this role: Zappa names it in every method of the API.
        Principal = { Service = ["apigateway.amazonaws.com", "lambda.amazonaws.com"] }
        Action    = "sts:AssumeRole"
      },
    ]
  })
}

resource "aws_iam_role_policy" "lambda" {
  name   = "lambda"
  role   = aws_iam_role.lambda.name
  policy = templatefile("${path.module}/policies/lambda.json", local.names)
}

resource "aws_iam_role" "pod" {
  for_each = local.pods

  name        = "currency-service-${each.key}"
  description = "Pods of ${each.value.namespace}/${each.value.service_account}."
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect    = "Allow"
        Principal = { Service = "pods.eks.amazonaws.com" }
        Action    = ["sts:AssumeRole", "sts:TagSession"]
        Condition = {
          StringEquals = {
            "aws:RequestTag/eks-cluster-name"           = var.cluster_name
            "aws:RequestTag/kubernetes-namespace"       = each.value.namespace
            "aws:RequestTag/kubernetes-service-account" = each.value.service_account
          }
        }
      },
    ]
  })
}

resource "aws_iam_role_policy" "pod" {
  for_each = local.pods

  name   = each.key
  role   = aws_iam_role.pod[each.key].name
  policy = templatefile("${path.module}/policies/${each.key}.json", local.names)
}
