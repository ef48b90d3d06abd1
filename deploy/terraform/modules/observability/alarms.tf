# Every alarm is a heading in docs/operations.md, which says what to do. All speak when they ring and when they stop.

locals {
  prefix = "CurrencyService"
  ours   = { Environment = var.environment }
  aurora = { DBClusterIdentifier = var.database_cluster }

  # What Aurora takes of a largest size of so many ACU, by its default formula (Aurora MySQL, "Maximum connections").
  most_connections = var.aurora_max_capacity >= 16 ? 2000 : var.aurora_max_capacity >= 8 ? 1000 : 90

  # Of one figure each. `periods` of `seconds` have to be beyond `threshold`, one after the other.
  # `missing`: what a period without figures is taken for.
  alarms = {
    ApiLatency = {
      says      = "One request in twenty takes longer than a second, cold starts included."
      namespace = "AWS/ApiGateway", metric = "Latency", dimensions = { ApiName = var.function_name }
      statistic = "p95", compare = "GreaterThanThreshold", threshold = 1000 # ms
      seconds   = 300, periods = 3, missing = "notBreaching"
    }
    LambdaThrottles = {
      says      = "Requests are turned away because the account's concurrency is used up."
      namespace = "AWS/Lambda", metric = "Throttles", dimensions = { FunctionName = var.function_name }
      statistic = "Sum", compare = "GreaterThanThreshold", threshold = 0
      seconds   = 300, periods = 1, missing = "notBreaching"
    }
    ProviderStale = {
      says      = "A provider's expected publication has not arrived."
      namespace = local.prefix, metric = "StaleProviders", dimensions = local.ours
      statistic = "Maximum", compare = "GreaterThanThreshold", threshold = 0
      seconds   = 900, periods = 2, missing = "ignore" # silence is BeatSilent's
    }
    DeadLetters = {
      says      = "A task failed as often as its queue allows, and waits for somebody to look."
      namespace = "AWS/SQS", metric = "ApproximateNumberOfMessagesVisible", dimensions = { QueueName = var.queues.dead }
      statistic = "Maximum", compare = "GreaterThanThreshold", threshold = 0
      seconds   = 300, periods = 1, missing = "notBreaching"
    }
    # Rankings are computed every five minutes: two of them have been missed.
    QueueAge-ranking = {
      says      = "Ranking tasks wait: there are too few ranking workers, or they are deaf."
      namespace = "AWS/SQS", metric = "ApproximateAgeOfOldestMessage", dimensions = { QueueName = var.queues.ranking }
      statistic = "Maximum", compare = "GreaterThanThreshold", threshold = 600 # s
      seconds   = 300, periods = 2, missing = "notBreaching"
    }
    # A backfill may keep every data worker busy for a while.
    QueueAge-data = {
      says      = "Collecting waits: there are too few data workers, or they are deaf."
      namespace = "AWS/SQS", metric = "ApproximateAgeOfOldestMessage", dimensions = { QueueName = var.queues.data }
      statistic = "Maximum", compare = "GreaterThanThreshold", threshold = 900 # s
      seconds   = 300, periods = 2, missing = "notBreaching"
    }
    AuroraCpu = {
      says      = "The database computes without pause."
      namespace = "AWS/RDS", metric = "CPUUtilization", dimensions = local.aurora
      statistic = "Maximum", compare = "GreaterThanThreshold", threshold = 80 # %
      seconds   = 300, periods = 3, missing = "breaching"
    }
    AuroraCapacity = {
      says      = "The database has nearly grown to the size it is allowed."
      namespace = "AWS/RDS", metric = "ACUUtilization", dimensions = local.aurora
      statistic = "Maximum", compare = "GreaterThanThreshold", threshold = 90 # %
      seconds   = 300, periods = 3, missing = "breaching"
    }
    AuroraConnections = {
      says      = "Four fifths of the connections the database takes are in use."
      namespace = "AWS/RDS", metric = "DatabaseConnections", dimensions = local.aurora
      statistic = "Maximum", compare = "GreaterThanThreshold", threshold = 0.8 * local.most_connections
      seconds   = 300, periods = 2, missing = "breaching"
    }
    # Beat sends a heartbeat every minute, and a worker takes it: this one tells of both. Twice five minutes, since it
    # may wait behind a task of five.
    BeatSilent = {
      says      = "No heartbeat of beat has come through a queue and a worker: nothing scheduled happens."
      namespace = local.prefix, metric = "BeatHeartbeat", dimensions = local.ours
      statistic = "Sum", compare = "LessThanThreshold", threshold = 1
      seconds   = 300, periods = 2, missing = "breaching"
    }
    OutboxAge = {
      says      = "Events wait: Kafka does not take them, or nobody relays them."
      namespace = local.prefix, metric = "OutboxAge", dimensions = local.ours
      statistic = "Maximum", compare = "GreaterThanThreshold", threshold = 900 # s
      seconds   = 300, periods = 2, missing = "notBreaching"
    }
  }

  # Of several figures, as `expressions` put them together into `result`.
  computed_alarms = {
    HighErrorRate = {
      says = "More than ten requests in five minutes, and again in the next five, ended in an error of ours."
      # An answer of 500 is one of ServerErrors and one of the gateway's 5XX; a crash or a time-out is one of Lambda's
      # Errors and one of the gateway's. So the gateway counts each once, and the other two add up to the same; more,
      # where a request did not come through the gateway (the operators' pages). Never both.
      expressions = {
        through = "FILL(gateway, 0)"
        told    = "FILL(service, 0) + FILL(lambda, 0)" # nothing counted is nothing told: without FILL, no sum
        result  = "MAX([through, told])"
      }
      figures = {
        gateway = { namespace = "AWS/ApiGateway", metric = "5XXError", dimensions = { ApiName = var.function_name }, statistic = "Sum" }
        service = { namespace = local.prefix, metric = "ServerErrors", dimensions = local.ours, statistic = "Sum" }
        lambda  = { namespace = "AWS/Lambda", metric = "Errors", dimensions = { FunctionName = var.function_name }, statistic = "Sum" }
      }
      threshold = 10, periods = 2, missing = "notBreaching"
    }
    # A ranking is computed every five minutes: this one has missed three.
    RankingAge = {
      says        = "A ranking has not been computed for a quarter of an hour."
      expressions = { result = "MAX(METRICS())" }
      figures = {
        for period in ["daily", "weekly", "monthly"] : period => {
          namespace = local.prefix, metric = "RankingAge", dimensions = merge(local.ours, { Period = period }), statistic = "Maximum"
        }
      }
      threshold = 900, periods = 2, missing = "ignore" # s
    }
    RedisMemory = {
      says        = "A node of Redis has filled four fifths of its memory: soon it evicts."
      expressions = { result = "MAX(METRICS())" }
      figures = {
        for node in var.cache_node_ids : "n${replace(node, "-", "_")}" => {
          namespace = "AWS/ElastiCache", metric = "DatabaseMemoryUsagePercentage", dimensions = { CacheClusterId = node }, statistic = "Maximum"
        }
      }
      threshold = 80, periods = 3, missing = "breaching" # %
    }
    # On-demand tables throttle for a moment while they split; clients try again.
    DynamoDbThrottles = {
      says        = "DynamoDB turns away more than clients get over by trying again."
      expressions = { result = "SUM(FILL(METRICS(), 0))" }
      figures     = local.throttles
      threshold   = 10, periods = 2, missing = "notBreaching"
    }
  }

  # A table and an index are counted apart from each other.
  throttles = merge([
    for place, dimensions in {
      selections = { TableName = var.tables.selections }
      countries  = { TableName = var.tables.selections, GlobalSecondaryIndexName = "country-date-index" }
      results    = { TableName = var.tables.results }
      } : {
      for direction in ["Read", "Write"] : "${place}_${lower(direction)}" => {
        namespace = "AWS/DynamoDB", metric = "${direction}ThrottleEvents", dimensions = dimensions, statistic = "Sum"
      }
    }
  ]...)

  runbook = "docs/operations.md has a heading of this name."
}

resource "aws_cloudwatch_metric_alarm" "simple" {
  for_each = local.alarms

  alarm_name        = "${local.prefix}-${each.key}"
  alarm_description = "${each.value.says} ${local.runbook}"
  namespace         = each.value.namespace
  metric_name       = each.value.metric
  dimensions        = each.value.dimensions
  # A percentile is another argument than the other statistics.
  statistic           = startswith(each.value.statistic, "p") ? null : each.value.statistic
  extended_statistic  = startswith(each.value.statistic, "p") ? each.value.statistic : null
  comparison_operator = each.value.compare
  threshold           = each.value.threshold
  period              = each.value.seconds
  evaluation_periods  = each.value.periods
  treat_missing_data  = each.value.missing
  alarm_actions       = [var.alerts_topic_arn]
  ok_actions          = [var.alerts_topic_arn]
}

resource "aws_cloudwatch_metric_alarm" "computed" {
  for_each = local.computed_alarms

  alarm_name          = "${local.prefix}-${each.key}"
  alarm_description   = "${each.value.says} ${local.runbook}"
  comparison_operator = "GreaterThanThreshold"
  threshold           = each.value.threshold
  evaluation_periods  = each.value.periods
  treat_missing_data  = each.value.missing
  alarm_actions       = [var.alerts_topic_arn]
  ok_actions          = [var.alerts_topic_arn]

  dynamic "metric_query" {
    for_each = each.value.expressions

    content {
      id          = metric_query.key
      label       = each.key
      expression  = metric_query.value
      return_data = metric_query.key == "result"
    }
  }

  dynamic "metric_query" {
    for_each = each.value.figures

    content {
      id          = metric_query.key
      return_data = false

      metric {
        namespace   = metric_query.value.namespace
        metric_name = metric_query.value.metric
        dimensions  = metric_query.value.dimensions
        stat        = metric_query.value.statistic
        period      = 300
      }
    }
  }
}
