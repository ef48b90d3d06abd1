variable "region" {
  type = string
}

variable "zones" {
  type = list(string)
}

variable "nat_gateways" {
  type = number
}

variable "logs_key_arn" {
  type = string
}

variable "log_retention_days" {
  type = number
}
