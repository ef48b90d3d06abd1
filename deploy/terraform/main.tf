# What the service stands on. Names carry no environment: each has an account of its own.
# Data flows downwards in this file; where two modules know each other it is by output, never by depends_on.

locals {
  environment = { prod = "production", staging = "staging" }[var.stage]
  tags        = { Project = "currency-service", Environment = local.environment, ManagedBy = "terraform" }

  # Made by Zappa, not here: `<project_name>-<stage>`, for the function and its API alike.
  function_name = "currency-service-${var.stage}"

  buckets = {
    archive = "${var.account_id}-currency-data-backup"
    logs    = "${var.account_id}-currency-service-logs"
    static  = "${var.account_id}-currency-static-assets"
    zappa   = "${var.account_id}-currency-zappa-packages"
  }
  queues = {
    ranking = "ranking-calculation-queue"
    data    = "data-processing-queue"
    dead    = "data-processing-dlq"
  }
  # As in modules/data/tables.json.
  tables        = { selections = "travel_destination_selections", results = "RankingResults" }
  repositories  = { web = "currency-service-web", worker = "currency-service-worker" }
  cluster_name  = "currency-service" # of EKS, and the Kubernetes namespace
  kafka_name    = "currency-service"
  static_domain = "static.${var.domain}"

  # A MySQL user without a password: whoever may connect as it is told by IAM.
  database_user = "currency_service"
}

module "security" {
  source = "./modules/security"

  stage             = var.stage
  account_id        = var.account_id
  region            = var.region
  github_repository = var.github_repository
  function_name     = local.function_name
  buckets           = local.buckets
  queues            = local.queues
  tables            = local.tables
  repositories      = local.repositories
  cluster_name      = local.cluster_name
  kafka_name        = local.kafka_name
  database_user     = local.database_user
}

module "network" {
  source = "./modules/network"

  region             = var.region
  zones              = var.zones
  nat_gateways       = var.nat_gateways
  logs_key_arn       = module.security.logs_key_arn
  log_retention_days = var.log_retention_days
}

module "data" {
  source = "./modules/data"

  account_id          = var.account_id
  region              = var.region
  domain              = var.domain
  static_domain       = local.static_domain
  buckets             = local.buckets
  database_user       = local.database_user
  protect_data        = var.protect_data
  aurora_instances    = var.aurora_instances
  aurora_max_capacity = var.aurora_max_capacity
  cache_node_type     = var.cache_node_type
  cache_nodes         = var.cache_nodes
  log_retention_days  = var.log_retention_days
  data_key_arn        = module.security.data_key_arn
  logs_key_arn        = module.security.logs_key_arn
  database_subnet_ids = module.network.database_subnet_ids
  security_groups     = module.network.security_groups
  static_certificate  = module.edge.static_certificate_arn
  static_web_acl      = module.edge.static_web_acl_arn
}

module "messaging" {
  source = "./modules/messaging"

  account_id          = var.account_id
  region              = var.region
  queues              = local.queues
  alert_email         = var.alert_email
  kafka_name          = local.kafka_name
  kafka_instance_type = var.kafka_instance_type
  kafka_volume_gb     = var.kafka_volume_gb
  log_retention_days  = var.log_retention_days
  data_key_arn        = module.security.data_key_arn
  messages_key_arn    = module.security.messages_key_arn
  logs_key_arn        = module.security.logs_key_arn
  database_subnet_ids = module.network.database_subnet_ids
  security_groups     = module.network.security_groups
}

module "compute" {
  source = "./modules/compute"

  account_id          = var.account_id
  region              = var.region
  function_name       = local.function_name
  cluster_name        = local.cluster_name
  repositories        = local.repositories
  kubernetes_version  = var.kubernetes_version
  node_instance_types = var.node_instance_types
  node_count          = var.node_count
  log_retention_days  = var.log_retention_days
  data_key_arn        = module.security.data_key_arn
  logs_key_arn        = module.security.logs_key_arn
  private_subnet_ids  = module.network.private_subnet_ids
  security_groups     = module.network.security_groups
  ci_role_arn         = module.security.ci_role_arn
  pod_roles           = module.security.pod_roles
}

module "edge" {
  source = "./modules/edge"

  stage               = var.stage
  domain              = var.domain
  static_domain       = local.static_domain
  api_gateway_id      = var.api_gateway_id
  region              = var.region
  logs_key_arn        = module.security.logs_key_arn
  log_retention_days  = var.log_retention_days
  static_distribution = module.data.static_distribution # {id, domain_name, hosted_zone_id}
}

module "observability" {
  source = "./modules/observability"

  environment         = local.environment
  region              = var.region
  account_id          = var.account_id
  function_name       = local.function_name
  api_gateway_id      = var.api_gateway_id
  queues              = local.queues
  tables              = local.tables
  cluster_name        = local.cluster_name
  database_cluster    = module.data.database.cluster_identifier
  aurora_max_capacity = var.aurora_max_capacity
  cache_node_ids      = module.data.cache_node_ids
  kafka_name          = local.kafka_name
  health_check_id     = module.edge.health_check_id
  alerts_topic_arn    = module.messaging.alerts_topic_arn
  alert_email         = var.alert_email
  logs_key_arn        = module.security.logs_key_arn
  log_retention_days  = var.log_retention_days
}
