variable "account_id" {
  type = string
}

variable "region" {
  type = string
}

variable "queues" {
  description = "Names of the queues: ranking, data, dead."
  type        = map(string)
}

variable "alert_email" {
  type = string
}

variable "kafka_name" {
  type = string
}

variable "kafka_instance_type" {
  type = string
}

variable "kafka_volume_gb" {
  type = number
}

variable "log_retention_days" {
  type = number
}

variable "data_key_arn" {
  type = string
}

variable "messages_key_arn" {
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
