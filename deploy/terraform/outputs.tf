# What the other tools of deploy/ read by `terraform output -json`. No secret is among them.

output "account_id" {
  value = var.account_id
}

output "region" {
  value = var.region
}

output "domain" {
  value = var.domain
}

output "name_servers" {
  description = "What the registrar of `domain` has to be told."
  value       = module.edge.name_servers
}

output "lambda_role_arn" {
  value = module.security.lambda_role_arn
}

output "lambda_security_group_id" {
  value = module.network.security_groups.lambda
}

output "private_subnet_ids" {
  value = module.network.private_subnet_ids
}

output "ecr_web_repository" {
  value = module.compute.repositories["web"].repository_url
}

output "ecr_worker_repository" {
  value = module.compute.repositories["worker"].repository_url
}

output "queue_base_url" {
  value = "https://sqs.${var.region}.amazonaws.com/${var.account_id}"
}

output "archive_bucket" {
  value = local.buckets.archive
}

output "logs_bucket" {
  value = local.buckets.logs
}

output "static_bucket" {
  value = local.buckets.static
}

output "static_domain" {
  value = local.static_domain
}

output "zappa_bucket" {
  value = local.buckets.zappa
}

output "certificate_arn" {
  value = module.edge.certificate_arn
}

output "cluster_name" {
  value = local.cluster_name
}

output "worker_role_arn" {
  value = module.security.worker_role_arn
}

output "beat_role_arn" {
  value = module.security.beat_role_arn
}

output "ci_role_arn" {
  value = module.security.ci_role_arn
}

output "migrate_role_arn" {
  value = module.security.migrate_role_arn
}

output "database_writer_endpoint" {
  value = module.data.database.endpoint
}

output "database_proxy_endpoint" {
  value = module.data.database_proxy.endpoint
}

output "database_reader_endpoint" {
  value = module.data.database_proxy_reader.endpoint
}

output "cache_endpoint" {
  value = module.data.cache.primary_endpoint_address
}

output "kafka_bootstrap_servers" {
  value = module.messaging.kafka.bootstrap_brokers_sasl_iam
}

output "alerts_topic_arn" {
  value = module.messaging.alerts_topic_arn
}

output "api_log_group_arn" {
  description = "Where the access log of Zappa's stage goes, once it is told to (docs/deploy.md)."
  value       = module.observability.api_log_group_arn
}
