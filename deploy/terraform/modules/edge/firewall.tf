# WAF in front of the API. What it lets through is limited once more by the service itself (an hour's requests for
# each address and key); this is against floods, and against what everybody is attacked with.

locals {
  # Groups that AWS keeps, in this order after the rate limit. `counted` are rules that only count.
  rule_sets = {
    AWSManagedRulesKnownBadInputsRuleSet = { priority = 10, counted = [] }
    AWSManagedRulesCommonRuleSet = {
      priority = 20
      counted = [
        # Blocks above 8 kB. The API takes 64 kB, and refuses more by itself.
        "SizeRestrictions_BODY",
        # Scripts look for tools without a name to call themselves by; the API is meant for scripts.
        "NoUserAgent_HEADER",
      ]
    }
    AWSManagedRulesSQLiRuleSet = { priority = 30, counted = [] }
  }
}

resource "aws_wafv2_web_acl" "site" {
  #checkov:skip=CKV_AWS_192: AWSManagedRulesKnownBadInputsRuleSet is among local.rule_sets, which the scan does not unfold.
  name        = "currency-service"
  description = "In front of the stage of the API" # WAF takes no apostrophe
  scope       = "REGIONAL"

  default_action {
    allow {}
  }

  # As the API says it, as far as a fixed text can: without the time.
  custom_response_body {
    key          = "too-many-requests"
    content_type = "APPLICATION_JSON"
    content = jsonencode({
      success = false
      version = "v1"
      error = {
        code    = "RATE_LIMIT_EXCEEDED"
        message = "Too many requests from this address: 1000 in five minutes are accepted."
        details = {}
      }
    })
  }

  rule {
    name     = "rate-limit"
    priority = 0

    action {
      block {
        custom_response {
          response_code            = 429
          custom_response_body_key = "too-many-requests"

          response_header {
            name  = "Retry-After"
            value = "300"
          }
        }
      }
    }

    statement {
      rate_based_statement {
        limit                 = 1000
        evaluation_window_sec = 300
        aggregate_key_type    = "IP"
      }
    }

    visibility_config {
      cloudwatch_metrics_enabled = true
      metric_name                = "rate-limit"
      sampled_requests_enabled   = true
    }
  }

  dynamic "rule" {
    for_each = local.rule_sets

    content {
      name     = rule.key
      priority = rule.value.priority

      override_action {
        none {}
      }

      statement {
        managed_rule_group_statement {
          vendor_name = "AWS"
          name        = rule.key

          dynamic "rule_action_override" {
            for_each = rule.value.counted

            content {
              name = rule_action_override.value

              action_to_use {
                count {}
              }
            }
          }
        }
      }

      visibility_config {
        cloudwatch_metrics_enabled = true
        metric_name                = rule.key
        sampled_requests_enabled   = true
      }
    }
  }

  visibility_config {
    cloudwatch_metrics_enabled = true
    metric_name                = "currency-service"
    sampled_requests_enabled   = true
  }
}

resource "aws_wafv2_web_acl_association" "site" {
  count = local.has_api ? 1 : 0

  web_acl_arn  = aws_wafv2_web_acl.site.arn
  resource_arn = "arn:aws:apigateway:${var.region}::/restapis/${var.api_gateway_id}/stages/${var.stage}"
}

# WAF writes only to log groups of this prefix.
resource "aws_cloudwatch_log_group" "firewall" {
  name              = "aws-waf-logs-currency-service"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.logs_key_arn
}

# What was stopped or counted. Everything else is in the service's own access log.
resource "aws_wafv2_web_acl_logging_configuration" "site" {
  resource_arn            = aws_wafv2_web_acl.site.arn
  log_destination_configs = [aws_cloudwatch_log_group.firewall.arn]

  dynamic "redacted_fields" {
    for_each = ["authorization", "cookie"]

    content {
      single_header {
        name = redacted_fields.value
      }
    }
  }

  logging_filter {
    default_behavior = "DROP"

    filter {
      behavior    = "KEEP"
      requirement = "MEETS_ANY"

      dynamic "condition" {
        for_each = ["BLOCK", "COUNT", "EXCLUDED_AS_COUNT"]

        content {
          action_condition {
            action = condition.value
          }
        }
      }
    }
  }
}

# CloudFront serves files that are public and never change. There is nothing to inject anything into; the limit is
# higher, because one page is dozens of files. Its firewall has to be in Virginia.
resource "aws_wafv2_web_acl" "static" {
  #checkov:skip=CKV2_AWS_31: CloudFront's own log has every request; what is blocked is counted.
  region = "us-east-1"

  name        = "currency-service-static"
  description = "In front of static files"
  scope       = "CLOUDFRONT"

  default_action {
    allow {}
  }

  rule {
    name     = "rate-limit"
    priority = 0

    action {
      block {}
    }

    statement {
      rate_based_statement {
        limit                 = 10000
        evaluation_window_sec = 300
        aggregate_key_type    = "IP"
      }
    }

    visibility_config {
      cloudwatch_metrics_enabled = true
      metric_name                = "static-rate-limit"
      sampled_requests_enabled   = false
    }
  }

  rule {
    name     = "AWSManagedRulesKnownBadInputsRuleSet"
    priority = 10

    override_action {
      none {}
    }

    statement {
      managed_rule_group_statement {
        vendor_name = "AWS"
        name        = "AWSManagedRulesKnownBadInputsRuleSet"
      }
    }

    visibility_config {
      cloudwatch_metrics_enabled = true
      metric_name                = "static-bad-inputs"
      sampled_requests_enabled   = false
    }
  }

  visibility_config {
    cloudwatch_metrics_enabled = true
    metric_name                = "currency-service-static"
    sampled_requests_enabled   = false
  }
}
