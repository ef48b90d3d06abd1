# Aurora MySQL, which grows and shrinks by itself. One instance writes, the others read and take over.
# Nobody has a password but the master user, whose password AWS makes and turns over in Secrets Manager.

locals {
  # The long-term supported 3.10 (MySQL 8.0.42): raised by hand, because an automatic upgrade leaves it.
  aurora_version = "8.0.mysql_aurora.3.10.3"
}

resource "aws_db_subnet_group" "main" {
  name       = "currency-service"
  subnet_ids = var.database_subnet_ids
}

resource "aws_rds_cluster_parameter_group" "main" {
  name        = "currency-service"
  family      = "aurora-mysql8.0"
  description = "Strict, UTF-8, UTC, TLS only"

  dynamic "parameter" {
    for_each = {
      # Aurora's own is empty: what does not fit would be cut off without a word.
      sql_mode = join(",", [
        "ONLY_FULL_GROUP_BY", "STRICT_TRANS_TABLES", "NO_ZERO_IN_DATE", "NO_ZERO_DATE",
        "ERROR_FOR_DIVISION_BY_ZERO", "NO_ENGINE_SUBSTITUTION",
      ])
      character_set_server       = "utf8mb4"
      collation_server           = "utf8mb4_unicode_ci" # what the tests run with
      time_zone                  = "UTC"
      require_secure_transport   = "ON"
      slow_query_log             = "1"
      long_query_time            = "0.5" # seconds; a request that asks for less than that never appears
      log_output                 = "FILE"
      innodb_print_all_deadlocks = "1"
      server_audit_logging       = "1"
      server_audit_events        = "CONNECT,QUERY_DCL,QUERY_DDL"
    }

    content {
      name         = parameter.key
      value        = parameter.value
      apply_method = "pending-reboot"
    }
  }
}

resource "aws_cloudwatch_log_group" "aurora" {
  for_each = toset(["audit", "error", "slowquery"])

  name              = "/aws/rds/cluster/currency-service/${each.key}"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.logs_key_arn
}

resource "aws_rds_cluster" "main" {
  #checkov:skip=CKV_AWS_326: Backtrack turns the whole cluster back, readers and all; deploy.restore makes a new one.
  #checkov:skip=CKV2_AWS_8: Its own backups reach back seven days to the second.
  cluster_identifier = "currency-service"
  engine             = "aurora-mysql"
  engine_version     = local.aurora_version
  database_name      = "currency"

  master_username                     = "admin"
  manage_master_user_password         = true
  master_user_secret_kms_key_id       = var.data_key_arn
  iam_database_authentication_enabled = true

  db_subnet_group_name            = aws_db_subnet_group.main.name
  vpc_security_group_ids          = [var.security_groups.database]
  db_cluster_parameter_group_name = aws_rds_cluster_parameter_group.main.name

  storage_encrypted = true
  kms_key_id        = var.data_key_arn

  serverlessv2_scaling_configuration {
    min_capacity = 0.5
    max_capacity = var.aurora_max_capacity
  }

  backup_retention_period      = 7
  preferred_backup_window      = "17:00-18:00" # UTC: two at night in Seoul
  preferred_maintenance_window = "sun:18:30-sun:19:30"
  copy_tags_to_snapshot        = true
  deletion_protection          = var.protect_data
  skip_final_snapshot          = !var.protect_data
  final_snapshot_identifier    = var.protect_data ? "currency-service-final" : null

  enabled_cloudwatch_logs_exports = ["audit", "error", "slowquery"]
  database_insights_mode          = "standard"
  performance_insights_enabled    = true
  performance_insights_kms_key_id = var.data_key_arn

  # Else Aurora makes the groups itself, without an end and without a key.
  depends_on = [aws_cloudwatch_log_group.aurora]
}

resource "aws_rds_cluster_instance" "main" {
  count = var.aurora_instances

  #checkov:skip=CKV_AWS_226: An automatic minor upgrade leaves the long-term supported version.
  identifier         = "currency-service-${count.index + 1}"
  cluster_identifier = aws_rds_cluster.main.id
  engine             = aws_rds_cluster.main.engine
  engine_version     = aws_rds_cluster.main.engine_version
  instance_class     = "db.serverless"
  # Tiers 0 and 1 grow with the writer, so that whoever takes over is large enough.
  promotion_tier             = 1
  auto_minor_version_upgrade = false
  publicly_accessible        = false
  copy_tags_to_snapshot      = true

  monitoring_interval             = 60
  monitoring_role_arn             = aws_iam_role.aurora_monitoring.arn
  performance_insights_enabled    = true
  performance_insights_kms_key_id = var.data_key_arn
}

resource "aws_iam_role" "aurora_monitoring" {
  name = "currency-service-aurora-monitoring"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect    = "Allow"
        Principal = { Service = "monitoring.rds.amazonaws.com" }
        Action    = "sts:AssumeRole"
      },
    ]
  })
}

resource "aws_iam_role_policy_attachment" "aurora_monitoring" {
  role       = aws_iam_role.aurora_monitoring.name
  policy_arn = "arn:aws:iam::aws:policy/service-role/AmazonRDSEnhancedMonitoringRole"
}
