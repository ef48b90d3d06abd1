output "certificate_arn" {
  value = "to be made"
}

output "static_certificate_arn" {
  value = "to be made"
}

output "static_web_acl_arn" {
  value = "to be made"
}

output "health_check_id" {
  value = "to be made"
}
