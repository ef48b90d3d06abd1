stage             = "staging"
account_id        = "222222222222" # yours
domain            = "staging.travel.example.com"
github_repository = "example/currency-travel-service"
alert_email       = ""
api_gateway_id    = "" # after the first `zappa deploy staging`: what it printed before .execute-api

zones               = ["ap-northeast-2a", "ap-northeast-2b", "ap-northeast-2c"]
nat_gateways        = 1
protect_data        = false
aurora_instances    = 2
aurora_max_capacity = 2
cache_node_type     = "cache.t4g.small"
cache_nodes         = 2
kafka_instance_type = "kafka.t3.small"
kafka_volume_gb     = 10
kubernetes_version  = "1.34"
node_instance_types = ["t3.large"]
node_count          = { min = 2, max = 3 }
log_retention_days  = 30
