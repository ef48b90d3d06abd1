# Which key and which security group everything has. In a plan of all modules both are only known after they are
# made; here the modules are given names for them.

variables {
  account_id          = "111111111111"
  region              = "ap-northeast-2"
  log_retention_days  = 30
  data_key_arn        = "arn:aws:kms:ap-northeast-2:111111111111:key/data"
  messages_key_arn    = "arn:aws:kms:ap-northeast-2:111111111111:key/messages"
  logs_key_arn        = "arn:aws:kms:ap-northeast-2:111111111111:key/logs"
  database_subnet_ids = ["subnet-1", "subnet-2", "subnet-3"]
  private_subnet_ids  = ["subnet-4", "subnet-5", "subnet-6"]

  security_groups = {
    lambda        = "sg-lambda"
    nodes         = "sg-nodes"
    control_plane = "sg-control-plane"
    endpoints     = "sg-endpoints"
    proxy         = "sg-proxy"
    database      = "sg-database"
    cache         = "sg-cache"
    kafka         = "sg-kafka"
  }
}

run "data" {
  command = plan

  module {
    source = "./modules/data"
  }

  variables {
    domain              = "travel.example.com"
    static_domain       = "static.travel.example.com"
    buckets             = { archive = "archive", logs = "logs", static = "static", zappa = "zappa" }
    database_user       = "service"
    protect_data        = true
    aurora_instances    = 2
    aurora_max_capacity = 16
    cache_node_type     = "cache.r6g.large"
    cache_nodes         = 3
    static_certificate  = "arn:aws:acm:us-east-1:111111111111:certificate/static"
    static_web_acl      = "arn:aws:wafv2:us-east-1:111111111111:global/webacl/static/1"
  }

  assert {
    condition = toset(concat(
      [
        aws_rds_cluster.main.kms_key_id, aws_rds_cluster.main.master_user_secret_kms_key_id,
        aws_rds_cluster.main.performance_insights_kms_key_id, aws_elasticache_replication_group.main.kms_key_id,
        aws_secretsmanager_secret.redis.kms_key_id,
      ],
      [for table in aws_dynamodb_table.main : table.server_side_encryption[0].kms_key_arn],
      [for name in ["archive", "zappa"] : one(aws_s3_bucket_server_side_encryption_configuration.main[name].rule).apply_server_side_encryption_by_default[0].kms_master_key_id],
    )) == toset([var.data_key_arn])
    error_message = "What is kept is encrypted with the key of data."
  }

  assert {
    condition     = toset([for group in concat(values(aws_cloudwatch_log_group.aurora), [aws_cloudwatch_log_group.redis]) : group.kms_key_id]) == toset([var.logs_key_arn])
    error_message = "What is logged is encrypted with the key of logs."
  }

  assert {
    condition = {
      database = aws_rds_cluster.main.vpc_security_group_ids
      proxy    = aws_db_proxy.main.vpc_security_group_ids
      reader   = aws_db_proxy_endpoint.reader.vpc_security_group_ids
      cache    = aws_elasticache_replication_group.main.security_group_ids
      } == {
      database = toset(["sg-database"])
      proxy    = toset(["sg-proxy"])
      reader   = toset(["sg-proxy"])
      cache    = toset(["sg-cache"])
    }
    error_message = "Each is in the group of its name."
  }

  assert {
    condition     = toset([aws_db_subnet_group.main.subnet_ids, aws_elasticache_subnet_group.main.subnet_ids, aws_db_proxy.main.vpc_subnet_ids]) == toset([toset(var.database_subnet_ids)])
    error_message = "Data lies in subnets without a way out."
  }

  assert {
    condition     = aws_cloudfront_distribution.static.web_acl_id == var.static_web_acl && aws_cloudfront_distribution.static.viewer_certificate[0].acm_certificate_arn == var.static_certificate
    error_message = "Static files have their firewall and certificate."
  }

  assert {
    condition     = toset(aws_cloudfront_response_headers_policy.static.cors_config[0].access_control_allow_origins[0].items) == toset(["https://travel.example.com", "http://localhost:8000"])
    error_message = "Fonts and modules load on the site, and in the admin at the end of a tunnel."
  }
}

run "messaging" {
  command = plan

  module {
    source = "./modules/messaging"
  }

  variables {
    queues              = { ranking = "ranking-queue", data = "data-queue", dead = "dead-queue" }
    alert_email         = ""
    kafka_name          = "events"
    kafka_instance_type = "kafka.m5.large"
    kafka_volume_gb     = 100
  }

  assert {
    condition     = toset(concat([for queue in aws_sqs_queue.main : queue.kms_master_key_id], [aws_sns_topic.alerts.kms_master_key_id])) == toset([var.messages_key_arn])
    error_message = "What is on its way is encrypted with the key of messages."
  }

  assert {
    condition     = aws_msk_cluster.main.encryption_info[0].encryption_at_rest_kms_key_arn == var.data_key_arn && aws_cloudwatch_log_group.kafka.kms_key_id == var.logs_key_arn
    error_message = "Events on disk have the key of data, the brokers' log that of logs."
  }

  assert {
    condition     = aws_msk_cluster.main.broker_node_group_info[0].security_groups == toset(["sg-kafka"]) && aws_msk_cluster.main.broker_node_group_info[0].client_subnets == toset(var.database_subnet_ids)
    error_message = "Brokers are in their group, and in subnets without a way out."
  }
}

run "compute" {
  command = plan

  module {
    source = "./modules/compute"
  }

  variables {
    function_name       = "currency-service-prod"
    cluster_name        = "currency-service"
    repositories        = { web = "web", worker = "worker" }
    kubernetes_version  = "1.35"
    node_instance_types = ["m6i.large"]
    node_count          = 3
    ci_role_arn         = "arn:aws:iam::111111111111:role/ci"
    pod_roles           = {}
  }

  assert {
    condition     = toset(concat([aws_eks_cluster.main.encryption_config[0].provider[0].key_arn], [for repository in aws_ecr_repository.main : repository.encryption_configuration[0].kms_key])) == toset([var.data_key_arn])
    error_message = "The cluster's secrets and the images have the key of data."
  }

  assert {
    condition     = aws_eks_cluster.main.vpc_config[0].security_group_ids == toset(["sg-control-plane"]) && aws_launch_template.node.vpc_security_group_ids == toset(["sg-nodes"])
    error_message = "The API server and the nodes are in their groups, and in none of EKS's own."
  }

  assert {
    condition     = aws_eks_cluster.main.vpc_config[0].subnet_ids == toset(var.private_subnet_ids) && aws_eks_node_group.main.subnet_ids == toset(var.private_subnet_ids)
    error_message = "Nobody comes in from the internet."
  }
}
