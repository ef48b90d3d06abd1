# Whole resources, where a test asserts what is planned of them; without what would be secret, were it set.

output "database" {
  value = { for name, value in aws_rds_cluster.main : name => value if !startswith(name, "master_password") }
}

output "database_instances" {
  value = aws_rds_cluster_instance.main
}

output "database_parameters" {
  description = "What the cluster's parameter group says."
  value       = { for parameter in aws_rds_cluster_parameter_group.main.parameter : parameter.name => parameter.value }
}

output "database_proxy" {
  value = aws_db_proxy.main
}

output "database_proxy_reader" {
  value = aws_db_proxy_endpoint.reader
}

output "cache" {
  value = { for name, value in aws_elasticache_replication_group.main : name => value if !startswith(name, "auth_token") || name == "auth_token_wo_version" }
}

output "cache_node_ids" {
  value = [for number in range(1, var.cache_nodes + 1) : format("%s-%03d", aws_elasticache_replication_group.main.replication_group_id, number)]
}

output "tables" {
  value = aws_dynamodb_table.main
}

output "buckets" {
  description = "Of each bucket: what it is called, and what is set on it."
  value = {
    for name, bucket in aws_s3_bucket.main : name => {
      name       = bucket.bucket
      versioning = aws_s3_bucket_versioning.main[name].versioning_configuration[0].status
      encryption = one(aws_s3_bucket_server_side_encryption_configuration.main[name].rule).apply_server_side_encryption_by_default[0].sse_algorithm
      public     = aws_s3_bucket_public_access_block.main[name]
      lifecycle  = aws_s3_bucket_lifecycle_configuration.main[name].rule[0]
      statements = local.statements[name]
    }
  }
}

output "static_distribution" {
  value = aws_cloudfront_distribution.static
}

output "static_access" {
  value = aws_cloudfront_origin_access_control.static
}
