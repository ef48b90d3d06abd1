# Two certificates: of the site, in its region, and of static files, in Virginia, where CloudFront looks for it.

resource "aws_acm_certificate" "site" {
  domain_name       = var.domain
  validation_method = "DNS"

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_acm_certificate" "static" {
  region = "us-east-1"

  domain_name       = var.static_domain
  validation_method = "DNS"

  lifecycle {
    create_before_destroy = true
  }
}

# One name each, so one record each: which one, only AWS knows.
resource "aws_route53_record" "proof" {
  for_each = {
    site   = aws_acm_certificate.site.domain_validation_options
    static = aws_acm_certificate.static.domain_validation_options
  }

  zone_id = aws_route53_zone.site.zone_id
  name    = one(each.value).resource_record_name
  type    = one(each.value).resource_record_type
  records = [one(each.value).resource_record_value]
  ttl     = 300
}

resource "aws_acm_certificate_validation" "site" {
  certificate_arn         = aws_acm_certificate.site.arn
  validation_record_fqdns = [aws_route53_record.proof["site"].fqdn]
}

resource "aws_acm_certificate_validation" "static" {
  region = "us-east-1"

  certificate_arn         = aws_acm_certificate.static.arn
  validation_record_fqdns = [aws_route53_record.proof["static"].fqdn]
}
