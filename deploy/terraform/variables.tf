# ---- which environment ----------------------------------------------------------------------------

variable "stage" {
  description = "The environment, as Zappa calls its stage."
  type        = string

  validation {
    condition     = contains(["prod", "staging"], var.stage)
    error_message = "There are two environments: prod and staging."
  }
}

variable "account_id" {
  description = "The AWS account of this environment alone (docs/decisions/0019)."
  type        = string

  validation {
    condition     = can(regex("^[0-9]{12}$", var.account_id))
    error_message = "An AWS account has twelve digits."
  }
}

variable "region" {
  description = "Where everything lies."
  type        = string
  default     = "ap-northeast-2"
}

variable "zones" {
  description = "The three availability zones everything is spread over."
  type        = list(string)

  validation {
    condition     = length(distinct(var.zones)) == 3
    error_message = "Three different zones: MSK's brokers and Redis's nodes are spread over all of them."
  }
}

variable "domain" {
  description = "Name of the site, and of the DNS zone made for it; static files are at static.<domain>."
  type        = string
}

variable "api_gateway_id" {
  description = "The REST API that `zappa deploy` made. Empty until then: domain and firewall wait for it."
  type        = string
  default     = ""
}

variable "github_repository" {
  description = "owner/name of the repository whose workflows may deploy."
  type        = string
}

variable "alert_email" {
  description = "Who is told of alarms; empty for nobody. The address has to confirm once."
  type        = string
  default     = ""
}

# ---- how large ------------------------------------------------------------------------------------

variable "nat_gateways" {
  description = "NAT gateways, and zones with interface endpoints: 3 survive the loss of a zone, 1 is cheap."
  type        = number
}

variable "protect_data" {
  description = "Whether databases refuse to be deleted, and leave a last snapshot behind."
  type        = bool
}

variable "aurora_instances" {
  description = "Instances of Aurora: the first writes, the others read."
  type        = number
}

variable "aurora_max_capacity" {
  description = "Largest size of an Aurora instance, in ACU (about 2 GiB each); the smallest is 0.5."
  type        = number
}

variable "cache_node_type" {
  description = "Class of Redis's nodes."
  type        = string
}

variable "cache_nodes" {
  description = "Nodes of Redis, one of which is the primary; failover needs two."
  type        = number
}

variable "kafka_instance_type" {
  description = "Class of MSK's brokers, of which there is one in each zone."
  type        = string
}

variable "kafka_volume_gb" {
  description = "Disk of each broker, in GiB."
  type        = number
}

variable "kubernetes_version" {
  description = "Minor version of EKS, raised one at a time."
  type        = string
}

variable "node_instance_types" {
  description = "Classes of the machines workers run on, all of one size."
  type        = list(string)
}

variable "node_count" {
  description = "How many machines there are. Workers come and go on them; machines do not, by themselves."
  type        = number
}

variable "log_retention_days" {
  description = "How long CloudWatch keeps logs."
  type        = number
}
