# What prod is planned to be, as the issue names it. The variables are environments/prod.tfvars (a test compares).

variables {
  stage             = "prod"
  account_id        = "111111111111" # yours
  domain            = "travel.example.com"
  github_repository = "example/currency-travel-service"
  alert_email       = "operations@example.com"
  api_gateway_id    = "" # after the first `zappa deploy prod`: what it printed before .execute-api

  zones               = ["ap-northeast-2a", "ap-northeast-2b", "ap-northeast-2c"]
  nat_gateways        = 3
  protect_data        = true
  aurora_instances    = 2
  aurora_max_capacity = 16
  cache_node_type     = "cache.r6g.large"
  cache_nodes         = 3
  kafka_instance_type = "kafka.m5.large"
  kafka_volume_gb     = 100
  kubernetes_version  = "1.35"
  node_instance_types = ["m6i.large", "m5.large"]
  node_count          = 3
  log_retention_days  = 365
}

run "foundation" {
  command = plan

  # ---- network --------------------------------------------------------------------------------

  assert {
    condition     = module.network.vpc.cidr_block == "10.0.0.0/16"
    error_message = "The VPC is 10.0.0.0/16."
  }

  assert {
    condition = {
      public   = { for zone, subnet in module.network.public_subnets : zone => subnet.cidr_block }
      private  = { for zone, subnet in module.network.private_subnets : zone => subnet.cidr_block }
      database = { for zone, subnet in module.network.database_subnets : zone => subnet.cidr_block }
      } == {
      public   = { ap-northeast-2a = "10.0.0.0/24", ap-northeast-2b = "10.0.1.0/24", ap-northeast-2c = "10.0.2.0/24" }
      private  = { ap-northeast-2a = "10.0.32.0/19", ap-northeast-2b = "10.0.64.0/19", ap-northeast-2c = "10.0.96.0/19" }
      database = { ap-northeast-2a = "10.0.128.0/24", ap-northeast-2b = "10.0.129.0/24", ap-northeast-2c = "10.0.130.0/24" }
    }
    error_message = "Three kinds of subnets in three zones, none of which overlap."
  }

  assert {
    condition     = [for zone, subnet in module.network.public_subnets : zone if subnet.map_public_ip_on_launch] == []
    error_message = "Nothing has a public address for being started in a public subnet."
  }

  assert {
    condition     = length(module.network.nat_gateways) == 3
    error_message = "NAT gateways: one a zone in prod, one in staging."
  }

  assert {
    condition     = module.network.way_out == { ap-northeast-2a = "ap-northeast-2a", ap-northeast-2b = "ap-northeast-2b", ap-northeast-2c = "ap-northeast-2c" }
    error_message = "A zone leaves by its own gateway, or by the one there is."
  }

  assert {
    condition = { for name, endpoint in module.network.endpoints : name => [endpoint.service_name, endpoint.vpc_endpoint_type] } == {
      s3        = ["com.amazonaws.ap-northeast-2.s3", "Gateway"]
      dynamodb  = ["com.amazonaws.ap-northeast-2.dynamodb", "Gateway"]
      sqs       = ["com.amazonaws.ap-northeast-2.sqs", "Interface"]
      ssm       = ["com.amazonaws.ap-northeast-2.ssm", "Interface"]
      "ecr.api" = ["com.amazonaws.ap-northeast-2.ecr.api", "Interface"]
      "ecr.dkr" = ["com.amazonaws.ap-northeast-2.ecr.dkr", "Interface"]
      logs      = ["com.amazonaws.ap-northeast-2.logs", "Interface"]
    }
    error_message = "AWS's services are reached without the internet."
  }

  assert {
    condition = toset([for line in module.network.conversations : "${line.from} ${line.to} ${line.first}" if line.from == "lambda"]) == toset([
      "lambda proxy 3306", "lambda cache 6379", "lambda endpoints 443",
    ])
    error_message = "The web tier speaks to the proxy, Redis and AWS, and to nobody else."
  }

  assert {
    condition = toset([for line in module.network.conversations : "${line.from} ${line.first}" if contains(["database", "cache", "kafka"], line.to)]) == toset([
      "lambda 6379", "nodes 3306", "nodes 6379", "nodes 9098", "proxy 3306",
    ])
    error_message = "Who reaches data: by name, on its port alone."
  }

  assert {
    condition     = [module.network.internet_egress.from_port, module.network.internet_egress.to_port, module.network.internet_egress.cidr_ipv4] == [443, 443, "0.0.0.0/0"]
    error_message = "The only rule with addresses is the workers' way to providers, by HTTPS."
  }

  # ---- data: Aurora ---------------------------------------------------------------------------

  assert {
    condition = jsonencode({
      engine     = module.data.database.engine
      is_8       = startswith(module.data.database.engine_version, "8.0.mysql_aurora.3.")
      capacity   = [module.data.database.serverlessv2_scaling_configuration[0].min_capacity, module.data.database.serverlessv2_scaling_configuration[0].max_capacity]
      backup     = module.data.database.backup_retention_period
      encrypted  = module.data.database.storage_encrypted
      protected  = module.data.database.deletion_protection
      last_word  = module.data.database.final_snapshot_identifier
      by_iam     = module.data.database.iam_database_authentication_enabled
      password   = module.data.database.manage_master_user_password
      insights   = module.data.database.performance_insights_enabled
      log_groups = module.data.database.enabled_cloudwatch_logs_exports
      }) == jsonencode({
      engine     = "aurora-mysql"
      is_8       = true
      capacity   = [0.5, 16]
      backup     = 7
      encrypted  = true
      protected  = true
      last_word  = "currency-service-final"
      by_iam     = true
      password   = true
      insights   = true
      log_groups = toset(["audit", "error", "slowquery"])
    })
    error_message = "Aurora is not what it should be."
  }

  assert {
    condition = [for instance in module.data.database_instances : [instance.instance_class, instance.publicly_accessible, instance.performance_insights_enabled]] == [
      for number in range(2) : ["db.serverless", false, true]
    ]
    error_message = "A writer and a reader, which nobody reaches from outside."
  }

  assert {
    condition = {
      strict  = contains(split(",", module.data.database_parameters.sql_mode), "STRICT_TRANS_TABLES")
      charset = module.data.database_parameters.character_set_server
      order   = module.data.database_parameters.collation_server
      zone    = module.data.database_parameters.time_zone
      tls     = module.data.database_parameters.require_secure_transport
      slow    = module.data.database_parameters.slow_query_log
      } == {
      strict  = true
      charset = "utf8mb4"
      order   = "utf8mb4_unicode_ci"
      zone    = "UTC"
      tls     = "ON"
      slow    = "1"
    }
    error_message = "Aurora's parameters: strict, UTF-8, UTC, TLS, slow queries written down."
  }

  assert {
    condition     = [module.data.database_proxy.engine_family, module.data.database_proxy.require_tls, module.data.database_proxy.default_auth_scheme] == ["MYSQL", true, "IAM_AUTH"]
    error_message = "The proxy takes TLS and IAM tokens, and nothing else."
  }

  assert {
    condition     = module.data.database_proxy_reader.target_role == "READ_ONLY"
    error_message = "The proxy has an address for reads."
  }

  # ---- data: Redis ----------------------------------------------------------------------------

  assert {
    condition = {
      engine   = [module.data.cache.engine, split(".", module.data.cache.engine_version)[0]]
      nodes    = [module.data.cache.node_type, module.data.cache.num_cache_clusters]
      failover = [module.data.cache.automatic_failover_enabled, module.data.cache.multi_az_enabled]
      transit  = [tostring(module.data.cache.transit_encryption_enabled), module.data.cache.transit_encryption_mode]
      at_rest  = tobool(module.data.cache.at_rest_encryption_enabled)
      token    = module.data.cache.auth_token_wo_version
      names    = module.data.cache_node_ids
      } == {
      engine   = ["redis", "7"]
      nodes    = ["cache.r6g.large", 3]
      failover = [true, true]
      transit  = ["true", "required"]
      at_rest  = true
      token    = 1
      names    = ["currency-service-001", "currency-service-002", "currency-service-003"]
    }
    error_message = "Redis is not what it should be."
  }

  # ---- data: DynamoDB -------------------------------------------------------------------------

  assert {
    condition     = toset(keys(module.data.tables)) == toset(["travel_destination_selections", "RankingResults"])
    error_message = "The tables are called as main.tf calls them towards roles and alarms."
  }

  assert {
    condition = jsonencode({
      for name, table in module.data.tables : name => {
        keys       = [table.hash_key, table.range_key]
        attributes = { for attribute in table.attribute : attribute.name => attribute.type }
        indexes = [for index in table.global_secondary_index : [
          index.name, index.projection_type, join(",", index.non_key_attributes),
          join(",", [for key in index.key_schema : "${key.attribute_name} ${key.key_type}"]),
        ]]
        expires   = [for ttl in table.ttl : ttl.attribute_name if ttl.enabled]
        billing   = table.billing_mode
        recovery  = [table.point_in_time_recovery[0].enabled, table.point_in_time_recovery[0].recovery_period_in_days]
        encrypted = table.server_side_encryption[0].enabled
        protected = table.deletion_protection_enabled
      }
      }) == jsonencode({
      travel_destination_selections = {
        keys       = ["selection_date", "selection_timestamp_userid"]
        attributes = { selection_date = "S", selection_timestamp_userid = "S", country_code = "S" }
        indexes    = [["country-date-index", "INCLUDE", "expires_at", "country_code HASH,selection_date RANGE"]]
        expires    = ["expires_at"]
        billing    = "PAY_PER_REQUEST"
        recovery   = [true, 35]
        encrypted  = true
        protected  = true
      }
      RankingResults = {
        keys       = ["period", null]
        attributes = { period = "S" }
        indexes    = []
        expires    = []
        billing    = "PAY_PER_REQUEST"
        recovery   = [true, 35]
        encrypted  = true
        protected  = true
      }
    })
    error_message = "The tables are not what the stores expect."
  }

  # ---- data: buckets and static files ---------------------------------------------------------

  assert {
    condition = { for name, bucket in module.data.buckets : name => [bucket.name, bucket.versioning, bucket.encryption] } == {
      archive = ["111111111111-currency-data-backup", "Enabled", "aws:kms"]
      logs    = ["111111111111-currency-service-logs", "Enabled", "AES256"]
      static  = ["111111111111-currency-static-assets", "Enabled", "AES256"]
      zappa   = ["111111111111-currency-zappa-packages", "Enabled", "aws:kms"]
    }
    error_message = "Every bucket has its name, keeps versions and is encrypted."
  }

  assert {
    condition = alltrue([
      for bucket in module.data.buckets :
      bucket.public.block_public_acls && bucket.public.block_public_policy && bucket.public.ignore_public_acls && bucket.public.restrict_public_buckets
    ])
    error_message = "No bucket can be opened to the public."
  }

  assert {
    condition = { for name, bucket in module.data.buckets : name => {
      gone     = [for expiration in bucket.lifecycle.expiration : expiration.days]
      moved    = [for transition in bucket.lifecycle.transition : "${transition.days} ${transition.storage_class}"]
      replaced = bucket.lifecycle.noncurrent_version_expiration[0].noncurrent_days
      } } == {
      archive = { gone = [], moved = ["90 GLACIER_IR"], replaced = 365 }
      logs    = { gone = [365], moved = [], replaced = 30 }
      static  = { gone = [], moved = [], replaced = 30 }
      zappa   = { gone = [90], moved = [], replaced = 30 }
    }
    error_message = "How long objects are kept; the archive for ever."
  }

  assert {
    condition = { for name, bucket in module.data.buckets : name => join(",", [for statement in bucket.statements : statement.Sid]) } == {
      archive = "OnlyOverTLS,NothingIsDeleted"
      logs    = "OnlyOverTLS,AccessLogsArrive"
      static  = "OnlyOverTLS,CloudFrontReads"
      zappa   = "OnlyOverTLS"
    }
    error_message = "No bucket answers without TLS, and each lets in whom it serves."
  }

  assert {
    condition = jsonencode([for statement in module.data.buckets.archive.statements : [statement.Effect, statement.Principal, statement.Action]]) == jsonencode([
      ["Deny", "*", "s3:*"],
      ["Deny", "*", ["s3:DeleteBucket", "s3:DeleteObject", "s3:DeleteObjectVersion"]],
    ])
    error_message = "Nobody deletes what a provider once sent."
  }

  assert {
    condition = {
      aliases = module.data.static_distribution.aliases
      scheme  = module.data.static_distribution.default_cache_behavior[0].viewer_protocol_policy
      tls     = module.data.static_distribution.viewer_certificate[0].minimum_protocol_version
      origin  = "${module.data.static_access.origin_access_control_origin_type} ${module.data.static_access.signing_behavior} ${module.data.static_access.signing_protocol}"
      } == {
      aliases = toset([output.static_domain])
      scheme  = "redirect-to-https"
      tls     = "TLSv1.2_2021"
      origin  = "s3 always sigv4"
    }
    error_message = "Static files are served under their own name, by HTTPS."
  }

  # ---- messaging ------------------------------------------------------------------------------

  assert {
    condition = { for name, queue in module.messaging.queues : queue.name => [queue.visibility_timeout_seconds, queue.message_retention_seconds, queue.max_message_size] } == {
      ranking-calculation-queue = [360, 345600, 1048576]
      data-processing-queue     = [360, 345600, 1048576]
      data-processing-dlq       = [360, 1209600, 1048576]
    }
    error_message = "Queues: six minutes of work, four days alive, two weeks dead, a mebibyte."
  }

  assert {
    condition = module.messaging.queue_redrives == {
      for name in ["ranking", "data"] : name => { deadLetterTargetArn = "arn:aws:sqs:ap-northeast-2:111111111111:data-processing-dlq", maxReceiveCount = 5 }
    }
    error_message = "What five attempts could not finish goes to the dead letters."
  }

  assert {
    condition = jsondecode(module.messaging.queues["dead"].redrive_allow_policy) == {
      redrivePermission = "byQueue"
      sourceQueueArns   = [for name in ["ranking-calculation-queue", "data-processing-queue"] : "arn:aws:sqs:ap-northeast-2:111111111111:${name}"]
    }
    error_message = "Only our queues bury their dead there."
  }

  assert {
    condition     = alltrue([for queue in module.messaging.queues : queue.kms_data_key_reuse_period_seconds == 3600])
    error_message = "A call to KMS an hour, not one for each message."
  }

  assert {
    condition = { for name, policy in module.messaging.queue_policies : name => join(",", [for statement in policy.Statement : "${statement.Effect} ${statement.Sid}"]) } == {
      for name in ["ranking", "data", "dead"] : name => "Deny OnlyOverTLS,Deny OnlyThisAccount"
    }
    error_message = "A queue takes TLS and this account's roles alone."
  }

  assert {
    condition = {
      brokers   = [module.messaging.kafka.broker_node_group_info[0].instance_type, module.messaging.kafka.number_of_broker_nodes]
      disk      = module.messaging.kafka.broker_node_group_info[0].storage_info[0].ebs_storage_info[0].volume_size
      iam       = module.messaging.kafka.client_authentication[0].sasl[0].iam
      passwords = module.messaging.kafka.client_authentication[0].sasl[0].scram
      anyone    = module.messaging.kafka.client_authentication[0].unauthenticated
      transit   = module.messaging.kafka.encryption_info[0].encryption_in_transit[0].client_broker
      among     = module.messaging.kafka.encryption_info[0].encryption_in_transit[0].in_cluster
      } == {
      brokers   = ["kafka.m5.large", 3]
      disk      = 100
      iam       = true
      passwords = false
      anyone    = false
      transit   = "TLS"
      among     = true
    }
    error_message = "MSK is not what it should be."
  }

  assert {
    condition     = strcontains(module.messaging.kafka_properties, "auto.create.topics.enable=false\n") && strcontains(module.messaging.kafka_properties, "min.insync.replicas=2\n") && strcontains(module.messaging.kafka_properties, "timestamp.type=LogAppendTime\n")
    error_message = "Topics are made here, and written to two brokers at least."
  }

  assert {
    condition = { for name, topic in module.messaging.kafka_topics : name => topic.replication_factor } == {
      "currency.rates" = 3, "currency.selections" = 3, "currency.rankings" = 3
    }
    error_message = "Three topics, each on every broker."
  }

  assert {
    condition     = [module.messaging.alerts_topic.name, length(module.messaging.alerts_subscriptions)] == ["currency-service-alerts", 1]
    error_message = "Alarms have a topic, and whom the environment names hears of them."
  }

  # ---- compute --------------------------------------------------------------------------------

  assert {
    condition = {
      name    = module.compute.cluster.name
      version = module.compute.cluster.version
      private = module.compute.cluster.vpc_config[0].endpoint_private_access
      public  = module.compute.cluster.vpc_config[0].endpoint_public_access
      secrets = module.compute.cluster.encryption_config[0].resources
      logs    = module.compute.cluster.enabled_cluster_log_types
      } == {
      name    = "currency-service"
      version = "1.35"
      private = true
      public  = false
      secrets = toset(["secrets"])
      logs    = toset(["api", "audit", "authenticator", "controllerManager", "scheduler"])
    }
    error_message = "EKS is not what it should be."
  }

  assert {
    condition     = jsonencode([module.compute.nodes.instance_types, module.compute.nodes.scaling_config[0].desired_size]) == jsonencode([["m6i.large", "m5.large"], 3])
    error_message = "The machines workers run on."
  }

  assert {
    condition     = toset(keys(module.compute.addons)) == toset(["amazon-cloudwatch-observability", "coredns", "eks-pod-identity-agent", "kube-proxy", "metrics-server", "vpc-cni"])
    error_message = "What a cluster needs before anything runs in it."
  }

  assert {
    condition     = keys(jsondecode(module.compute.addons["amazon-cloudwatch-observability"].configuration_values).agent.config.logs.metrics_collected) == ["emf"]
    error_message = "Container Insights measures nothing: its metrics are paid for one by one."
  }

  assert {
    condition = alltrue([
      for name in ["worker", "beat", "migrate"] :
      [module.compute.pod_identities[name].namespace, module.compute.pod_identities[name].service_account] == ["currency-service", name]
    ])
    error_message = "Workers, beat and migrations have a role each, by their service account."
  }

  assert {
    condition = { for name, repository in module.compute.repositories : repository.name => [
      repository.image_tag_mutability, tostring(repository.image_scanning_configuration[0].scan_on_push), module.compute.repository_lifecycles[name][1].selection.countNumber
      ] } == {
      currency-service-web    = ["IMMUTABLE", "true", 30]
      currency-service-worker = ["IMMUTABLE", "true", 30]
    }
    error_message = "Images are scanned, never replaced, and the newest thirty are kept."
  }

  # ---- what the other tools read --------------------------------------------------------------

  assert {
    condition     = output.queue_base_url == "https://sqs.ap-northeast-2.amazonaws.com/111111111111"
    error_message = "SQS_QUEUE_BASE_URL."
  }
}
