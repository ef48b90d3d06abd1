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
kubernetes_version  = "1.34"
node_instance_types = ["m6i.large", "m5.large"]
node_count          = { min = 3, max = 9 }
log_retention_days  = 365
