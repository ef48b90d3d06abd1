variable "environment" {
  description = "production or staging: the dimension of every metric of the service."
  type        = string
}

variable "region" {
  description = "The region the dashboard looks at."
  type        = string
}

variable "account_id" {
  description = "The account whose alarms may speak."
  type        = string
}

variable "function_name" {
  description = "The Lambda function and the API in front of it, which Zappa gives one name."
  type        = string
}

variable "api_gateway_id" {
  description = "The REST API that Zappa made; empty before the first deployment: nobody asks for its health."
  type        = string
}

variable "health_check_id" {
  description = "The health check that asks the site from outside; empty while there is none."
  type        = string
}

variable "queues" {
  description = "Names of the queues: ranking, data, dead."
  type        = map(string)
}

variable "tables" {
  description = "Names of the DynamoDB tables: selections, results."
  type        = map(string)
}

variable "cluster_name" {
  description = "The EKS cluster."
  type        = string
}

variable "database_cluster" {
  description = "The Aurora cluster."
  type        = string
}

variable "aurora_max_capacity" {
  description = "Largest size of an Aurora instance, in ACU; tells how many connections it takes."
  type        = number
}

variable "cache_node_ids" {
  description = "The nodes of Redis, each of which has figures of its own."
  type        = list(string)
}

variable "kafka_name" {
  description = "The MSK cluster."
  type        = string
}

variable "alerts_topic_arn" {
  description = "Whom alarms tell."
  type        = string
}

variable "alert_email" {
  description = "Who is told of the one alarm that is in us-east-1; empty for nobody."
  type        = string
}

variable "logs_key_arn" {
  description = "The key log groups are encrypted with."
  type        = string
}

variable "log_retention_days" {
  description = "How long logs are kept."
  type        = number
}
