# Log groups, dashboard and alarms of both environments, before and after Zappa has made the API.

variables {
  region           = "ap-northeast-2"
  account_id       = "111111111111"
  queues           = { ranking = "ranking-calculation-queue", data = "data-processing-queue", dead = "data-processing-dlq" }
  tables           = { selections = "travel_destination_selections", results = "RankingResults" }
  cluster_name     = "currency-service"
  database_cluster = "currency-service"
  kafka_name       = "currency-service"
  alerts_topic_arn = "arn:aws:sns:ap-northeast-2:111111111111:currency-service-alerts"
  logs_key_arn     = "arn:aws:kms:ap-northeast-2:111111111111:key/logs"
}

run "prod" {
  command = plan

  module {
    source = "./modules/observability"
  }

  variables {
    environment         = "production"
    function_name       = "currency-service-prod"
    api_gateway_id      = "a1b2c3d4e5"
    health_check_id     = "health"
    aurora_max_capacity = 16
    cache_node_ids      = ["currency-service-001", "currency-service-002", "currency-service-003"]
    alert_email         = "operations@example.com"
    log_retention_days  = 365
  }

  # ---- log groups -----------------------------------------------------------------------------

  assert {
    condition = { for name, group in aws_cloudwatch_log_group.this : group.name => [group.retention_in_days, group.kms_key_id] } == {
      "/aws/lambda/currency-service-prod"                   = [365, "arn:aws:kms:ap-northeast-2:111111111111:key/logs"]
      "/aws/apigateway/currency-service-prod"               = [365, "arn:aws:kms:ap-northeast-2:111111111111:key/logs"]
      "/aws/containerinsights/currency-service/application" = [365, "arn:aws:kms:ap-northeast-2:111111111111:key/logs"]
    }
    error_message = "Logs of the function, the API and the pods end, and are encrypted."
  }

  # ---- alarms ---------------------------------------------------------------------------------

  assert {
    condition = toset(concat(
      [for alarm in aws_cloudwatch_metric_alarm.simple : alarm.alarm_name],
      [for alarm in aws_cloudwatch_metric_alarm.computed : alarm.alarm_name],
      aws_cloudwatch_metric_alarm.outside[*].alarm_name,
      )) == toset([for name in [
        "HighErrorRate", "ApiLatency", "LambdaThrottles", "ProviderStale", "DeadLetters", "QueueAge-ranking",
        "QueueAge-data", "RankingAge", "AuroraCpu", "AuroraCapacity", "AuroraConnections", "RedisMemory",
        "DynamoDbThrottles", "BeatSilent", "OutboxAge", "HealthCheck",
    ] : "CurrencyService-${name}"])
    error_message = "These alarms, each with its heading in docs/operations.md."
  }

  assert {
    condition = alltrue([
      for alarm in concat(values(aws_cloudwatch_metric_alarm.simple), values(aws_cloudwatch_metric_alarm.computed)) :
      alarm.alarm_actions == toset(["arn:aws:sns:ap-northeast-2:111111111111:currency-service-alerts"])
      && alarm.ok_actions == alarm.alarm_actions
    ])
    error_message = "Each tells the topic when it rings and when it stops."
  }

  # High error rate: more than 10 errors in five minutes, twice.
  assert {
    condition = (
      aws_cloudwatch_metric_alarm.computed["HighErrorRate"].threshold == 10
      && aws_cloudwatch_metric_alarm.computed["HighErrorRate"].comparison_operator == "GreaterThanThreshold"
      && aws_cloudwatch_metric_alarm.computed["HighErrorRate"].evaluation_periods == 2
      && toset(flatten([for query in aws_cloudwatch_metric_alarm.computed["HighErrorRate"].metric_query : query.metric[*].period])) == toset([300])
    )
    error_message = "More than 10 errors in each of 2 × 5 minutes."
  }

  assert {
    condition = {
      for query in aws_cloudwatch_metric_alarm.computed["HighErrorRate"].metric_query :
      query.id => [query.metric[0].namespace, query.metric[0].metric_name, query.metric[0].stat, query.metric[0].dimensions]
      if length(query.metric) > 0
      } == {
      gateway = ["AWS/ApiGateway", "5XXError", "Sum", tomap({ ApiName = "currency-service-prod" })]
      service = ["CurrencyService", "ServerErrors", "Sum", tomap({ Environment = "production" })]
      lambda  = ["AWS/Lambda", "Errors", "Sum", tomap({ FunctionName = "currency-service-prod" })]
    }
    error_message = "What the service, Lambda and the gateway call an error."
  }

  assert {
    condition = {
      for query in aws_cloudwatch_metric_alarm.computed["HighErrorRate"].metric_query : query.id => query.expression
      if query.expression != null
      } == {
      through = "FILL(gateway, 0)"
      told    = "FILL(service, 0) + FILL(lambda, 0)"
      result  = "MAX([through, told])"
    }
    error_message = "No error is counted twice."
  }

  assert {
    condition     = alltrue([for alarm in aws_cloudwatch_metric_alarm.computed : [for query in alarm.metric_query : query.id if query.return_data] == ["result"]])
    error_message = "An alarm looks at one result."
  }

  assert {
    condition = {
      for name, alarm in aws_cloudwatch_metric_alarm.simple :
      name => [alarm.namespace, alarm.metric_name, alarm.dimensions, alarm.comparison_operator, alarm.threshold, alarm.period, alarm.evaluation_periods, alarm.treat_missing_data]
      } == {
      ApiLatency        = ["AWS/ApiGateway", "Latency", tomap({ ApiName = "currency-service-prod" }), "GreaterThanThreshold", 1000, 300, 3, "notBreaching"]
      LambdaThrottles   = ["AWS/Lambda", "Throttles", tomap({ FunctionName = "currency-service-prod" }), "GreaterThanThreshold", 0, 300, 1, "notBreaching"]
      ProviderStale     = ["CurrencyService", "StaleProviders", tomap({ Environment = "production" }), "GreaterThanThreshold", 0, 900, 2, "ignore"]
      DeadLetters       = ["AWS/SQS", "ApproximateNumberOfMessagesVisible", tomap({ QueueName = "data-processing-dlq" }), "GreaterThanThreshold", 0, 300, 1, "notBreaching"]
      QueueAge-ranking  = ["AWS/SQS", "ApproximateAgeOfOldestMessage", tomap({ QueueName = "ranking-calculation-queue" }), "GreaterThanThreshold", 600, 300, 2, "notBreaching"]
      QueueAge-data     = ["AWS/SQS", "ApproximateAgeOfOldestMessage", tomap({ QueueName = "data-processing-queue" }), "GreaterThanThreshold", 900, 300, 2, "notBreaching"]
      AuroraCpu         = ["AWS/RDS", "CPUUtilization", tomap({ DBClusterIdentifier = "currency-service" }), "GreaterThanThreshold", 80, 300, 3, "breaching"]
      AuroraCapacity    = ["AWS/RDS", "ACUUtilization", tomap({ DBClusterIdentifier = "currency-service" }), "GreaterThanThreshold", 90, 300, 3, "breaching"]
      AuroraConnections = ["AWS/RDS", "DatabaseConnections", tomap({ DBClusterIdentifier = "currency-service" }), "GreaterThanThreshold", 1600, 300, 2, "breaching"]
      BeatSilent        = ["CurrencyService", "BeatHeartbeat", tomap({ Environment = "production" }), "LessThanThreshold", 1, 300, 2, "breaching"]
      OutboxAge         = ["CurrencyService", "OutboxAge", tomap({ Environment = "production" }), "GreaterThanThreshold", 900, 300, 2, "notBreaching"]
    }
    error_message = "Figures, limits and what silence means."
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.simple["ApiLatency"].extended_statistic == "p95" && aws_cloudwatch_metric_alarm.simple["ApiLatency"].statistic == null && aws_cloudwatch_metric_alarm.simple["BeatSilent"].statistic == "Sum"
    error_message = "A percentile is another argument."
  }

  assert {
    condition = toset([
      for query in aws_cloudwatch_metric_alarm.computed["RankingAge"].metric_query : query.metric[0].dimensions["Period"] if length(query.metric) > 0
    ]) == toset(["daily", "weekly", "monthly"]) && aws_cloudwatch_metric_alarm.computed["RankingAge"].threshold == 900
    error_message = "The oldest of three rankings, beyond a quarter of an hour."
  }

  assert {
    condition = toset([
      for query in aws_cloudwatch_metric_alarm.computed["RedisMemory"].metric_query : query.metric[0].dimensions["CacheClusterId"] if length(query.metric) > 0
    ]) == toset(["currency-service-001", "currency-service-002", "currency-service-003"])
    error_message = "The fullest node of Redis."
  }

  assert {
    condition = toset([
      for query in aws_cloudwatch_metric_alarm.computed["DynamoDbThrottles"].metric_query : "${query.metric[0].metric_name} ${join("/", values(query.metric[0].dimensions))}" if length(query.metric) > 0
      ]) == toset(flatten([for direction in ["Read", "Write"] : [
        "${direction}ThrottleEvents travel_destination_selections",
        "${direction}ThrottleEvents country-date-index/travel_destination_selections",
        "${direction}ThrottleEvents RankingResults",
    ]]))
    error_message = "Both tables and the index."
  }

  # ---- seen from outside ----------------------------------------------------------------------

  assert {
    condition = (
      aws_cloudwatch_metric_alarm.outside[0].region == "us-east-1"
      && aws_sns_topic.outside.region == "us-east-1"
      && aws_cloudwatch_metric_alarm.outside[0].dimensions == tomap({ HealthCheckId = "health" })
      && aws_cloudwatch_metric_alarm.outside[0].treat_missing_data == "breaching"
    )
    error_message = "Route 53's figures are in Virginia, and so is who hears of them."
  }

  assert {
    condition     = aws_sns_topic_subscription.outside[0].endpoint == "operations@example.com"
    error_message = "The same person is told."
  }

  # ---- dashboard ------------------------------------------------------------------------------

  assert {
    condition     = aws_cloudwatch_dashboard.overview.dashboard_name == "CurrencyService-Overview"
    error_message = "One page, by this name."
  }

  # Whatever the issue asks for is somewhere on the page.
  assert {
    condition = length(setsubtract([
      "AWS/Lambda Duration", "AWS/Lambda Errors", "AWS/Lambda Invocations", "AWS/Lambda Throttles",
      "AWS/ApiGateway 4XXError", "AWS/ApiGateway 5XXError", "AWS/ApiGateway Latency",
      "AWS/SQS ApproximateNumberOfMessagesVisible", "AWS/SQS ApproximateAgeOfOldestMessage",
      "AWS/RDS CPUUtilization", "AWS/RDS ACUUtilization", "AWS/RDS DatabaseConnections",
      "AWS/ElastiCache DatabaseMemoryUsagePercentage", "AWS/ElastiCache EngineCPUUtilization",
      "AWS/DynamoDB ReadThrottleEvents", "AWS/DynamoDB WriteThrottleEvents",
      "CurrencyService Selections", "CurrencyService CacheHits", "CurrencyService CacheMisses", "CurrencyService StaleProviders",
      "CurrencyService BeatHeartbeat", "CurrencyService OutboxPending", "CurrencyService OutboxAge",
      ], flatten([
        for widget in jsondecode(aws_cloudwatch_dashboard.overview.dashboard_body).widgets : [
          for metric in try(widget.properties.metrics, []) : "${metric[0]} ${metric[1]}" if can("${metric[0]} ${metric[1]}")
        ]
    ]))) == 0
    error_message = "The page lacks something."
  }

  assert {
    condition = alltrue([
      for name in ["ProviderAge", "RequestDuration", "IngestRuns", "RankingAge"] :
      length([
        for widget in jsondecode(aws_cloudwatch_dashboard.overview.dashboard_body).widgets : widget
        if can(regex("MetricName=\\\\\"${name}\\\\\"", jsonencode(widget)))
      ]) == 1
    ])
    error_message = "Figures by provider, route and period are searched for, once each."
  }

  assert {
    condition = alltrue([
      for widget in jsondecode(aws_cloudwatch_dashboard.overview.dashboard_body).widgets : widget.x + widget.width <= 24
      ]) && length(distinct([
        for widget in jsondecode(aws_cloudwatch_dashboard.overview.dashboard_body).widgets : "${widget.x} ${widget.y}"
    ])) == length(jsondecode(aws_cloudwatch_dashboard.overview.dashboard_body).widgets)
    error_message = "Nothing lies beside the page or on top of something else."
  }

  assert {
    condition     = contains(jsondecode(aws_cloudwatch_dashboard.overview.dashboard_body).widgets[0].properties.alarms, "arn:aws:cloudwatch:ap-northeast-2:111111111111:alarm:CurrencyService-HighErrorRate")
    error_message = "Alarms are on top."
  }
}

run "staging_before_the_first_deployment" {
  command = plan

  module {
    source = "./modules/observability"
  }

  variables {
    environment         = "staging"
    function_name       = "currency-service-staging"
    api_gateway_id      = ""
    health_check_id     = ""
    aurora_max_capacity = 2
    cache_node_ids      = ["currency-service-001", "currency-service-002"]
    alert_email         = ""
    log_retention_days  = 30
  }

  assert {
    condition     = length(aws_cloudwatch_metric_alarm.outside) == 0 && length(aws_sns_topic_subscription.outside) == 0
    error_message = "Nobody asks from outside for what is not there, and nobody is told."
  }

  assert {
    condition     = toset([for group in aws_cloudwatch_log_group.this : group.retention_in_days]) == toset([30]) && aws_cloudwatch_log_group.this["web"].name == "/aws/lambda/currency-service-staging"
    error_message = "Staging's logs are kept for a month."
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.simple["BeatSilent"].dimensions == tomap({ Environment = "staging" })
    error_message = "Staging's figures are staging's."
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.simple["AuroraConnections"].threshold == 72
    error_message = "A small Aurora takes ninety connections."
  }
}
