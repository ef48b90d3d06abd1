variable "stage" {
  description = "prod or staging."
  type        = string
}

variable "account_id" {
  description = "The account everything named here lies in."
  type        = string
}

variable "region" {
  description = "The region everything named here lies in."
  type        = string
}

variable "github_repository" {
  description = "owner/name of the repository whose workflows may deploy."
  type        = string
}

variable "function_name" {
  description = "The Lambda function, which Zappa makes."
  type        = string
}

variable "buckets" {
  description = "Names of the buckets: archive, static, zappa."
  type        = map(string)
}

variable "queues" {
  description = "Names of the queues: ranking, data, dead."
  type        = map(string)
}

variable "tables" {
  description = "Names of the DynamoDB tables: selections, results."
  type        = map(string)
}

variable "repositories" {
  description = "Names of the ECR repositories: web, worker."
  type        = map(string)
}

variable "cluster_name" {
  description = "The EKS cluster, and the Kubernetes namespace of ours."
  type        = string
}

variable "kafka_name" {
  description = "The MSK cluster."
  type        = string
}

variable "database_user" {
  description = "The MySQL user that IAM lets in."
  type        = string
}
