# The zone is made here, and the registrar is told of its name servers once, before certificates can be proven:
# terraform apply -target=module.edge.aws_route53_zone.site

resource "aws_route53_zone" "site" {
  #checkov:skip=CKV2_AWS_38: DNSSEC needs a key in us-east-1 and a record at the registrar, whose loss takes the site off the net.
  #checkov:skip=CKV2_AWS_39: Who asked for the site's address is of no use to us, and personal.
  name = var.domain
}

# Mail in this domain's name is nobody's.
resource "aws_route53_record" "no_mail" {
  zone_id = aws_route53_zone.site.zone_id
  name    = var.domain
  type    = "TXT"
  ttl     = 3600
  records = ["v=spf1 -all"]
}

resource "aws_route53_record" "site" {
  zone_id = aws_route53_zone.site.zone_id
  name    = var.domain
  type    = "A"

  alias {
    name                   = aws_api_gateway_domain_name.site.regional_domain_name
    zone_id                = aws_api_gateway_domain_name.site.regional_zone_id
    evaluate_target_health = false
  }
}

resource "aws_route53_record" "static" {
  for_each = toset(["A", "AAAA"])

  zone_id = aws_route53_zone.site.zone_id
  name    = var.static_domain
  type    = each.key

  alias {
    name                   = var.static_distribution.domain_name
    zone_id                = var.static_distribution.hosted_zone_id
    evaluate_target_health = false
  }
}
