variable "stage" {
  description = "The stage of the API that Zappa made: prod or staging."
  type        = string
}

variable "domain" {
  description = "Name of the site, and of the DNS zone made for it."
  type        = string
}

variable "static_domain" {
  description = "Where static files are; within `domain`."
  type        = string
}

variable "api_gateway_id" {
  description = "The REST API that Zappa made; empty before the first deployment."
  type        = string
}

variable "region" {
  description = "The region of the API."
  type        = string
}

variable "logs_key_arn" {
  description = "The key log groups are encrypted with."
  type        = string
}

variable "log_retention_days" {
  description = "How long the firewall's log is kept."
  type        = number
}

variable "static_distribution" {
  description = "CloudFront's distribution of static files."
  type        = object({ id = string, domain_name = string, hosted_zone_id = string })
}
