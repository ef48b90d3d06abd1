output "certificate_arn" {
  value = aws_acm_certificate_validation.site.certificate_arn
}

output "static_certificate_arn" {
  value = aws_acm_certificate_validation.static.certificate_arn
}

output "static_web_acl_arn" {
  value = aws_wafv2_web_acl.static.arn
}

output "health_check_id" {
  description = "Empty while there is no API to ask."
  value       = one(aws_route53_health_check.site[*].id) == null ? "" : aws_route53_health_check.site[0].id
}

output "name_servers" {
  description = "What the registrar has to be told."
  value       = aws_route53_zone.site.name_servers
}
