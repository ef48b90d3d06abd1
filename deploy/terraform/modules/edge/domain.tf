# The site's name in front of the API. Zappa makes the API; until it has, the name leads nowhere.

locals {
  has_api = var.api_gateway_id != ""
}

resource "aws_api_gateway_domain_name" "site" {
  domain_name              = var.domain
  regional_certificate_arn = aws_acm_certificate_validation.site.certificate_arn
  security_policy          = "TLS_1_2"

  # Regional: the address of the client is the one the gateway tells, and no other proxy is between.
  endpoint_configuration {
    types = ["REGIONAL"]
  }
}

# At the root: the site's paths begin where the domain ends, without the stage.
resource "aws_api_gateway_base_path_mapping" "site" {
  count = local.has_api ? 1 : 0

  api_id      = var.api_gateway_id
  stage_name  = var.stage
  domain_name = aws_api_gateway_domain_name.site.domain_name
}

# Can the site read its database? Asked from outside, as travellers come, twice a minute from each of several
# continents.
resource "aws_route53_health_check" "site" {
  count = local.has_api ? 1 : 0

  type              = "HTTPS"
  fqdn              = var.domain
  port              = 443
  resource_path     = "/health/ready"
  request_interval  = 30
  failure_threshold = 3
  measure_latency   = true
  regions           = ["ap-northeast-1", "ap-southeast-1", "us-west-2"]

  tags = { Name = "currency-service" }
}
