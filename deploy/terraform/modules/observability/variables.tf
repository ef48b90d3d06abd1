variable "stage" {
  type = string
}

variable "environment" {
  type = string
}

variable "region" {
  type = string
}

variable "account_id" {
  type = string
}

variable "function_name" {
  type = string
}

variable "queues" {
  type = map(string)
}

variable "tables" {
  type = map(string)
}

variable "cluster_name" {
  type = string
}

variable "database_cluster" {
  type = string
}

variable "aurora_max_capacity" {
  type = number
}

variable "cache_node_ids" {
  type = list(string)
}

variable "kafka_name" {
  type = string
}

variable "health_check_id" {
  type = string
}

variable "alerts_topic_arn" {
  type = string
}

variable "alert_email" {
  type = string
}

variable "logs_key_arn" {
  type = string
}

variable "log_retention_days" {
  type = number
}
