# The site's name, certificates and firewall, before and after Zappa has made the API.

variables {
  region              = "ap-northeast-2"
  logs_key_arn        = "arn:aws:kms:ap-northeast-2:111111111111:key/logs"
  static_distribution = { id = "E1", domain_name = "d1.cloudfront.net", hosted_zone_id = "Z2FDTNDATAQYW2" }
}

run "prod" {
  command = plan

  module {
    source = "./modules/edge"
  }

  variables {
    stage              = "prod"
    domain             = "travel.example.com"
    static_domain      = "static.travel.example.com"
    api_gateway_id     = "a1b2c3d4e5"
    log_retention_days = 365
  }

  # ---- name and certificates ------------------------------------------------------------------

  assert {
    condition     = aws_route53_zone.site.name == "travel.example.com" && aws_route53_record.site.name == "travel.example.com"
    error_message = "The zone is the site's."
  }

  assert {
    condition     = aws_acm_certificate.site.domain_name == "travel.example.com" && aws_acm_certificate.site.validation_method == "DNS"
    error_message = "The site's certificate is proven by DNS."
  }

  assert {
    condition     = aws_acm_certificate.static.domain_name == "static.travel.example.com" && aws_acm_certificate.static.validation_method == "DNS"
    error_message = "So is that of static files."
  }

  assert {
    condition     = toset([aws_acm_certificate.static.region, aws_wafv2_web_acl.static.region]) == toset(["us-east-1"])
    error_message = "CloudFront looks for certificate and firewall in Virginia."
  }

  assert {
    condition     = aws_api_gateway_domain_name.site.endpoint_configuration[0].types == tolist(["REGIONAL"]) && aws_api_gateway_domain_name.site.security_policy == "TLS_1_2"
    error_message = "A regional name, by TLS 1.2 or newer."
  }

  assert {
    condition     = aws_api_gateway_base_path_mapping.site[0].api_id == "a1b2c3d4e5" && aws_api_gateway_base_path_mapping.site[0].stage_name == "prod" && aws_api_gateway_base_path_mapping.site[0].base_path == null
    error_message = "The name leads to the stage of Zappa's API, at its root."
  }

  assert {
    condition     = { for type, record in aws_route53_record.static : type => record.alias[0].name } == { A = "d1.cloudfront.net", AAAA = "d1.cloudfront.net" }
    error_message = "Static files are CloudFront's, by both versions of IP."
  }

  # ---- health ---------------------------------------------------------------------------------

  assert {
    condition = (
      aws_route53_health_check.site[0].fqdn == "travel.example.com"
      && aws_route53_health_check.site[0].type == "HTTPS"
      && aws_route53_health_check.site[0].port == 443
      && aws_route53_health_check.site[0].resource_path == "/health/ready"
    )
    error_message = "The site is asked over HTTPS whether it is ready."
  }

  # ---- firewall -------------------------------------------------------------------------------

  assert {
    condition     = aws_wafv2_web_acl_association.site[0].resource_arn == "arn:aws:apigateway:ap-northeast-2::/restapis/a1b2c3d4e5/stages/prod"
    error_message = "The firewall is in front of the API's stage."
  }

  assert {
    condition     = aws_wafv2_web_acl.site.scope == "REGIONAL" && length(aws_wafv2_web_acl.site.default_action[0].allow) == 1
    error_message = "What no rule is against comes in."
  }

  assert {
    condition = [
      for rule in aws_wafv2_web_acl.site.rule : [
        rule.statement[0].rate_based_statement[0].limit,
        rule.statement[0].rate_based_statement[0].evaluation_window_sec,
        rule.statement[0].rate_based_statement[0].aggregate_key_type,
        rule.action[0].block[0].custom_response[0].response_code,
      ] if length(rule.statement[0].rate_based_statement) > 0
    ] == [[1000, 300, "IP", 429]]
    error_message = "1000 requests for an address in five minutes; then 429."
  }

  assert {
    condition = {
      for rule in aws_wafv2_web_acl.site.rule : rule.name => [
        rule.priority,
        one(rule.statement[0].managed_rule_group_statement).vendor_name,
        length(rule.override_action[0].none),
        [for override in one(rule.statement[0].managed_rule_group_statement).rule_action_override : override.name],
      ] if length(rule.statement[0].managed_rule_group_statement) > 0
      } == {
      AWSManagedRulesKnownBadInputsRuleSet = [10, "AWS", 1, []]
      AWSManagedRulesCommonRuleSet         = [20, "AWS", 1, ["SizeRestrictions_BODY", "NoUserAgent_HEADER"]]
      AWSManagedRulesSQLiRuleSet           = [30, "AWS", 1, []]
    }
    error_message = "AWS's common, SQL injection and bad-input sets block; bodies above 8 kB and clients without a name are counted."
  }

  assert {
    condition     = jsondecode(one(aws_wafv2_web_acl.site.custom_response_body).content).error.code == "RATE_LIMIT_EXCEEDED"
    error_message = "Who is turned away is told so in the API's envelope."
  }

  assert {
    condition     = [for field in aws_wafv2_web_acl_logging_configuration.site.redacted_fields : field.single_header[0].name] == ["authorization", "cookie"]
    error_message = "Keys and sessions are in no log."
  }

  assert {
    condition     = startswith(aws_cloudwatch_log_group.firewall.name, "aws-waf-logs-") && aws_cloudwatch_log_group.firewall.retention_in_days == 365
    error_message = "WAF writes to log groups of that prefix alone."
  }

  assert {
    condition     = aws_wafv2_web_acl.static.scope == "CLOUDFRONT" && toset([for rule in aws_wafv2_web_acl.static.rule : rule.name]) == toset(["rate-limit", "AWSManagedRulesKnownBadInputsRuleSet"])
    error_message = "CloudFront has a firewall of its own."
  }
}

run "staging_before_the_first_deployment" {
  command = plan

  module {
    source = "./modules/edge"
  }

  variables {
    stage              = "staging"
    domain             = "staging.travel.example.com"
    static_domain      = "static.staging.travel.example.com"
    api_gateway_id     = ""
    log_retention_days = 30
  }

  assert {
    condition     = aws_api_gateway_domain_name.site.domain_name == "staging.travel.example.com" && aws_acm_certificate.static.domain_name == "static.staging.travel.example.com"
    error_message = "Staging has names of its own."
  }

  assert {
    condition     = toset([for rule in aws_wafv2_web_acl.site.rule : rule.name]) == toset(["rate-limit", "AWSManagedRulesKnownBadInputsRuleSet", "AWSManagedRulesCommonRuleSet", "AWSManagedRulesSQLiRuleSet"])
    error_message = "And the same firewall."
  }

  assert {
    condition     = length(aws_api_gateway_base_path_mapping.site) == 0 && length(aws_wafv2_web_acl_association.site) == 0 && length(aws_route53_health_check.site) == 0
    error_message = "Nothing waits for an API that is not there yet."
  }

  assert {
    condition     = output.health_check_id == ""
    error_message = "Nobody asks for the health of what is not there."
  }
}
