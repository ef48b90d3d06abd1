# The stream of events (docs/events.md). Three brokers in three zones, of which two have to have written an
# event before it counts as written. IAM alone opens the door, over TLS alone.

locals {
  kafka_version = "3.9.x.kraft" # without ZooKeeper, which 4.0 no longer has
  zones         = length(var.database_subnet_ids)
  topics        = toset(["currency.rates", "currency.selections", "currency.rankings"])
}

resource "aws_msk_configuration" "main" {
  # Named after its version: another version's is made beside it before the cluster lets go of this one.
  name           = "${var.kafka_name}-${replace(local.kafka_version, ".", "-")}"
  kafka_versions = [local.kafka_version]
  # A mistyped topic is an error, not a new topic: the three there are stand below.
  # LogAppendTime: an event that has waited is kept for a week from when it was told, not from when it happened.
  server_properties = <<-PROPERTIES
    auto.create.topics.enable=false
    default.replication.factor=3
    min.insync.replicas=2
    unclean.leader.election.enable=false
    log.retention.hours=168
    log.message.timestamp.type=LogAppendTime
    message.max.bytes=1048588
  PROPERTIES

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_cloudwatch_log_group" "kafka" {
  name              = "/currency-service/kafka"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.logs_key_arn
}

resource "aws_msk_cluster" "main" {
  cluster_name           = var.kafka_name
  kafka_version          = local.kafka_version
  number_of_broker_nodes = local.zones
  enhanced_monitoring    = "PER_BROKER"

  broker_node_group_info {
    instance_type   = var.kafka_instance_type
    client_subnets  = var.database_subnet_ids
    security_groups = [var.security_groups.kafka]

    storage_info {
      ebs_storage_info {
        volume_size = var.kafka_volume_gb
      }
    }
  }

  client_authentication {
    unauthenticated = false

    sasl {
      iam   = true
      scram = false
    }
  }

  encryption_info {
    encryption_at_rest_kms_key_arn = var.data_key_arn

    encryption_in_transit {
      client_broker = "TLS"
      in_cluster    = true
    }
  }

  configuration_info {
    arn      = aws_msk_configuration.main.arn
    revision = aws_msk_configuration.main.latest_revision
  }

  logging_info {
    broker_logs {
      cloudwatch_logs {
        enabled   = true
        log_group = aws_cloudwatch_log_group.kafka.name
      }
    }
  }
}

resource "aws_msk_topic" "main" {
  for_each = local.topics

  cluster_arn = aws_msk_cluster.main.arn
  name        = each.key
  # More than there are brokers, so that readers can be added; never changed, because a key's place is.
  partition_count    = 12
  replication_factor = 3
}
