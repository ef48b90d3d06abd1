# One page that tells how the service is: what travellers see on top, what it stands on below. Three figures a row.

locals {
  line = { view = "timeSeries", region = var.region, period = 300, stacked = false }

  # Figures of ours that come in as many dimensions as there are providers, routes, periods.
  search = "SEARCH('{CurrencyService,Environment,%s} Environment=\"${var.environment}\" MetricName=\"%s\"', '%s', 300)"

  figures = [
    # what travellers see
    {
      title = "Requests"
      metrics = [
        ["CurrencyService", "Requests", "Environment", var.environment, { stat = "Sum" }],
        ["CurrencyService", "ClientErrors", "Environment", var.environment, { stat = "Sum" }],
        ["CurrencyService", "ServerErrors", "Environment", var.environment, { stat = "Sum" }],
      ]
    },
    {
      title   = "Slowest routes, p95, ms"
      metrics = [[{ expression = format(local.search, "Route", "RequestDuration", "p95"), id = "routes" }]]
    },
    {
      title = "Answers from the cache, %"
      metrics = [
        [{ expression = "100 * hits / (hits + misses)", id = "ratio", label = "hit ratio" }],
        ["CurrencyService", "CacheHits", "Environment", var.environment, { stat = "Sum", id = "hits", visible = false }],
        ["CurrencyService", "CacheMisses", "Environment", var.environment, { stat = "Sum", id = "misses", visible = false }],
      ]
    },
    # the data
    {
      title   = "Age of each provider's figures, s"
      metrics = [[{ expression = format(local.search, "Provider", "ProviderAge", "Maximum"), id = "ages" }]]
    },
    {
      title = "Runs by provider and outcome; providers overdue"
      metrics = [
        [{ expression = format(local.search, "Outcome,Provider", "IngestRuns", "Sum"), id = "runs" }],
        ["CurrencyService", "StaleProviders", "Environment", var.environment, { stat = "Maximum" }],
        ["CurrencyService", "QuarantineHeld", "Environment", var.environment, { stat = "Maximum" }],
      ]
    },
    {
      title   = "Selections a minute"
      metrics = [["CurrencyService", "Selections", "Environment", var.environment, { stat = "Sum", period = 60 }]]
    },
    {
      title   = "Age of rankings, s"
      metrics = [[{ expression = format(local.search, "Period", "RankingAge", "Maximum"), id = "rankings" }]]
    },
    {
      title = "Heartbeats of beat; events waiting and their age, s"
      metrics = [
        ["CurrencyService", "BeatHeartbeat", "Environment", var.environment, { stat = "Sum" }],
        ["CurrencyService", "OutboxPending", "Environment", var.environment, { stat = "Maximum" }],
        ["CurrencyService", "OutboxAge", "Environment", var.environment, { stat = "Maximum", yAxis = "right" }],
      ]
    },
    # the web tier
    {
      title = "Lambda: invocations, errors, throttles"
      metrics = [
        ["AWS/Lambda", "Invocations", "FunctionName", var.function_name, { stat = "Sum" }],
        ["AWS/Lambda", "Errors", "FunctionName", var.function_name, { stat = "Sum" }],
        ["AWS/Lambda", "Throttles", "FunctionName", var.function_name, { stat = "Sum" }],
        ["AWS/Lambda", "ConcurrentExecutions", "FunctionName", var.function_name, { stat = "Maximum", yAxis = "right" }],
      ]
    },
    {
      title = "Lambda: duration, ms"
      metrics = [
        for statistic in ["p50", "p95", "p99"] :
        ["AWS/Lambda", "Duration", "FunctionName", var.function_name, { stat = statistic }]
      ]
    },
    {
      title = "API Gateway: 4XX, 5XX; blocked by the firewall"
      metrics = [
        ["AWS/ApiGateway", "4XXError", "ApiName", var.function_name, { stat = "Sum" }],
        ["AWS/ApiGateway", "5XXError", "ApiName", var.function_name, { stat = "Sum" }],
        ["AWS/WAFV2", "BlockedRequests", "WebACL", "currency-service", "Region", var.region, "Rule", "ALL", { stat = "Sum" }],
      ]
    },
    {
      title = "API Gateway: latency, ms"
      metrics = [
        for statistic in ["p50", "p95", "p99"] :
        ["AWS/ApiGateway", "Latency", "ApiName", var.function_name, { stat = statistic }]
      ]
    },
    # the queues
    {
      title = "SQS: messages waiting"
      metrics = [
        for queue in [var.queues.ranking, var.queues.data] :
        ["AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", queue, { stat = "Maximum" }]
      ]
    },
    {
      title = "SQS: age of the oldest message, s"
      metrics = [
        for queue in [var.queues.ranking, var.queues.data] :
        ["AWS/SQS", "ApproximateAgeOfOldestMessage", "QueueName", queue, { stat = "Maximum" }]
      ]
    },
    {
      title   = "SQS: dead letters"
      metrics = [["AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", var.queues.dead, { stat = "Maximum" }]]
    },
    # what it stands on
    {
      title = "Aurora: CPU and capacity, %"
      metrics = [
        ["AWS/RDS", "CPUUtilization", "DBClusterIdentifier", var.database_cluster, { stat = "Maximum" }],
        ["AWS/RDS", "ACUUtilization", "DBClusterIdentifier", var.database_cluster, { stat = "Maximum" }],
      ]
    },
    {
      title = "Aurora: connections; lag of readers, ms"
      metrics = [
        ["AWS/RDS", "DatabaseConnections", "DBClusterIdentifier", var.database_cluster, { stat = "Maximum" }],
        ["AWS/RDS", "AuroraReplicaLagMaximum", "DBClusterIdentifier", var.database_cluster, { stat = "Maximum", yAxis = "right" }],
      ]
    },
    {
      title = "Redis: memory and CPU, %"
      metrics = concat(
        [for node in var.cache_node_ids : ["AWS/ElastiCache", "DatabaseMemoryUsagePercentage", "CacheClusterId", node, { stat = "Maximum" }]],
        [for node in var.cache_node_ids : ["AWS/ElastiCache", "EngineCPUUtilization", "CacheClusterId", node, { stat = "Maximum" }]],
      )
    },
    {
      title = "DynamoDB: turned away"
      metrics = [
        for figure in values(local.throttles) :
        concat(
          ["AWS/DynamoDB", figure.metric],
          flatten([for name, value in figure.dimensions : [name, value]]),
          [{ stat = "Sum" }],
        )
      ]
    },
    {
      title = "MSK: partitions without a leader; disk, %"
      metrics = [
        ["AWS/Kafka", "OfflinePartitionsCount", "Cluster Name", var.kafka_name, { stat = "Maximum" }],
        [{ expression = "SEARCH('{AWS/Kafka,\"Broker ID\",\"Cluster Name\"} \"Cluster Name\"=\"${var.kafka_name}\" MetricName=\"KafkaDataLogsDiskUsed\"', 'Maximum', 300)", id = "disks", yAxis = "right" }],
      ]
    },
  ]

  # Told by name, so that a plan shows the whole page.
  alarm_arns = [
    for name in sort(concat(keys(local.alarms), keys(local.computed_alarms))) :
    "arn:aws:cloudwatch:${var.region}:${var.account_id}:alarm:${local.prefix}-${name}"
  ]
}

resource "aws_cloudwatch_dashboard" "overview" {
  dashboard_name = "${local.prefix}-Overview"
  dashboard_body = jsonencode({
    widgets = concat(
      [{
        type       = "alarm", x = 0, y = 0, width = 24, height = 3
        properties = { title = "Alarms", alarms = local.alarm_arns }
      }],
      [
        for place, figure in local.figures : {
          type       = "metric"
          x          = place % 3 * 8
          y          = 3 + floor(place / 3) * 6
          width      = 8
          height     = 6
          properties = merge(local.line, figure)
        }
      ],
      [{
        type   = "log"
        x      = length(local.figures) % 3 * 8
        y      = 3 + floor(length(local.figures) / 3) * 6
        width  = 8
        height = 6
        properties = {
          title  = "Failing routes"
          region = var.region
          view   = "table"
          query  = "SOURCE '${local.log_groups.web}' | filter status >= 500 | stats count(*) as failed by Route | sort failed desc"
        }
      }],
    )
  })
}
