variable "stage" {
  type = string
}

variable "account_id" {
  type = string
}

variable "region" {
  type = string
}

variable "github_repository" {
  type = string
}

variable "function_name" {
  type = string
}

variable "buckets" {
  type = map(string)
}

variable "queues" {
  type = map(string)
}

variable "tables" {
  type = map(string)
}

variable "repositories" {
  type = map(string)
}

variable "cluster_name" {
  type = string
}

variable "kafka_name" {
  type = string
}

variable "database_user" {
  type = string
}

variable "database_resource_ids" {
  type = list(string)
}
