variable "stage" {
  type = string
}

variable "domain" {
  type = string
}

variable "static_domain" {
  type = string
}

variable "api_gateway_id" {
  type = string
}

variable "region" {
  type = string
}

variable "account_id" {
  type = string
}

variable "logs_key_arn" {
  type = string
}

variable "log_retention_days" {
  type = number
}

variable "static_distribution" {
  type = object({ id = string, domain_name = string, hosted_zone_id = string })
}
