output "data_key_arn" {
  value = "to be made"
}

output "messages_key_arn" {
  value = "to be made"
}

output "logs_key_arn" {
  value = "to be made"
}

output "lambda_role_arn" {
  value = "to be made"
}

output "worker_role_arn" {
  value = "to be made"
}

output "beat_role_arn" {
  value = "to be made"
}

output "migrate_role_arn" {
  value = "to be made"
}

output "external_secrets_role_arn" {
  value = "to be made"
}

output "ci_role_arn" {
  value = "to be made"
}
