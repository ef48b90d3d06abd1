variable "account_id" {
  type = string
}

variable "region" {
  type = string
}

variable "domain" {
  type = string
}

variable "static_domain" {
  type = string
}

variable "buckets" {
  description = "Names of the buckets: archive, logs, static, zappa."
  type        = map(string)
}

variable "database_user" {
  description = "The MySQL user the service connects as, by IAM."
  type        = string
}

variable "protect_data" {
  type = bool
}

variable "aurora_instances" {
  type = number
}

variable "aurora_max_capacity" {
  type = number
}

variable "cache_node_type" {
  type = string
}

variable "cache_nodes" {
  type = number
}

variable "log_retention_days" {
  type = number
}

variable "data_key_arn" {
  type = string
}

variable "logs_key_arn" {
  type = string
}

variable "database_subnet_ids" {
  type = list(string)
}

variable "security_groups" {
  description = "Name → id."
  type        = map(string)
}

variable "static_certificate" {
  description = "ARN of static_domain's certificate, in us-east-1."
  type        = string
}

variable "static_web_acl" {
  description = "ARN of the web ACL in front of static files."
  type        = string
}
