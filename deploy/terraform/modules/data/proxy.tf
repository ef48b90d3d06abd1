# RDS Proxy: a thousand Lambdas, and the workers, share a few dozen connections. Whoever comes shows an IAM
# token, and the proxy shows one of its own to Aurora: no password is kept anywhere in between.

resource "aws_db_proxy" "main" {
  name                = "currency-service"
  engine_family       = "MYSQL"
  default_auth_scheme = "IAM_AUTH"
  require_tls         = true
  idle_client_timeout = 1800 # a frozen Lambda keeps its connection for as long
  role_arn            = aws_iam_role.proxy.arn

  vpc_subnet_ids         = var.database_subnet_ids
  vpc_security_group_ids = [var.security_groups.proxy]
}

resource "aws_db_proxy_default_target_group" "main" {
  db_proxy_name = aws_db_proxy.main.name

  connection_pool_config {
    # The rest is for who connects directly: an operator, a restore.
    max_connections_percent      = 80
    max_idle_connections_percent = 20
    # Seconds a request waits for a free connection: less than the 29 it is given in all.
    connection_borrow_timeout = 5
  }
}

resource "aws_db_proxy_target" "main" {
  db_proxy_name         = aws_db_proxy.main.name
  target_group_name     = aws_db_proxy_default_target_group.main.name
  db_cluster_identifier = aws_rds_cluster.main.cluster_identifier
}

# Reads that may be some milliseconds old.
resource "aws_db_proxy_endpoint" "reader" {
  db_proxy_name          = aws_db_proxy.main.name
  db_proxy_endpoint_name = "currency-service-reader"
  target_role            = "READ_ONLY"
  vpc_subnet_ids         = var.database_subnet_ids
  vpc_security_group_ids = [var.security_groups.proxy]
}

resource "aws_iam_role" "proxy" {
  name = "currency-service-rds-proxy"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect    = "Allow"
        Principal = { Service = "rds.amazonaws.com" }
        Action    = "sts:AssumeRole"
        Condition = { StringEquals = { "aws:SourceAccount" = var.account_id } }
      },
    ]
  })
}

resource "aws_iam_role_policy" "proxy" {
  name = "connect"
  role = aws_iam_role.proxy.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect   = "Allow"
        Action   = "rds-db:connect"
        Resource = "arn:aws:rds-db:${var.region}:${var.account_id}:dbuser:${aws_rds_cluster.main.cluster_resource_id}/${var.database_user}"
      },
    ]
  })
}
