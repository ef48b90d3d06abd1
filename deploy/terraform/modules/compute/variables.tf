variable "account_id" {
  type = string
}

variable "region" {
  type = string
}

variable "function_name" {
  description = "Which Lambda function fetches the web image."
  type        = string
}

variable "cluster_name" {
  type = string
}

variable "repositories" {
  description = "Names of the image repositories: web, worker."
  type        = map(string)
}

variable "kubernetes_version" {
  type = string
}

variable "node_instance_types" {
  type = list(string)
}

variable "node_count" {
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

variable "private_subnet_ids" {
  type = list(string)
}

variable "security_groups" {
  description = "Name → id."
  type        = map(string)
}

variable "ci_role_arn" {
  description = "Who rolls out workers."
  type        = string
}

variable "pod_roles" {
  description = "Which pods have which role."
  type        = map(object({ namespace = string, service_account = string, role_arn = string }))
}
