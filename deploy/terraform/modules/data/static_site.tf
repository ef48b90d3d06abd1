# Static files, from the edge nearest to the reader. Nobody else may read the bucket.

data "aws_cloudfront_cache_policy" "optimized" {
  name = "Managed-CachingOptimized"
}

resource "aws_cloudfront_origin_access_control" "static" {
  name                              = "currency-service-static"
  origin_access_control_origin_type = "s3"
  signing_behavior                  = "always"
  signing_protocol                  = "sigv4"
}

resource "aws_cloudfront_response_headers_policy" "static" {
  #checkov:skip=CKV_AWS_259: Preloading binds the whole domain, for years: whoever owns it decides.
  name = "currency-service-static"

  # Fonts and modules of another name than the page's are only taken when this one allows it.
  cors_config {
    access_control_allow_credentials = false
    access_control_max_age_sec       = 86400
    origin_override                  = true

    access_control_allow_headers {
      items = ["*"]
    }

    access_control_allow_methods {
      items = ["GET", "HEAD"]
    }

    access_control_allow_origins {
      # And the admin, which is at the operator's own end of a tunnel (deploy/k8s/base/operators.yaml).
      items = ["https://${var.domain}", "http://localhost:8000"]
    }
  }

  security_headers_config {
    content_type_options {
      override = true
    }

    strict_transport_security {
      access_control_max_age_sec = 31536000
      include_subdomains         = true
      override                   = true
    }
  }
}

resource "aws_cloudfront_distribution" "static" {
  #checkov:skip=CKV2_AWS_47: Files of S3: nothing behind it reads what is sent, Java least of all.
  #checkov:skip=CKV_AWS_86: What is read here is read by pages, whose requests are logged.
  #checkov:skip=CKV_AWS_374: Travellers are everywhere.
  #checkov:skip=CKV_AWS_310: One bucket; a page reads without its styles as well.
  #checkov:skip=CKV_AWS_305: There is no page at its root.
  enabled         = true
  comment         = "Static files of the Currency Travel Service"
  aliases         = [var.static_domain]
  is_ipv6_enabled = true
  http_version    = "http2and3"
  price_class     = "PriceClass_200" # the cheapest that has Seoul
  web_acl_id      = var.static_web_acl

  origin {
    origin_id                = "bucket"
    domain_name              = aws_s3_bucket.main["static"].bucket_regional_domain_name
    origin_access_control_id = aws_cloudfront_origin_access_control.static.id
  }

  default_cache_behavior {
    target_origin_id           = "bucket"
    viewer_protocol_policy     = "redirect-to-https"
    allowed_methods            = ["GET", "HEAD", "OPTIONS"]
    cached_methods             = ["GET", "HEAD"]
    compress                   = true
    cache_policy_id            = data.aws_cloudfront_cache_policy.optimized.id
    response_headers_policy_id = aws_cloudfront_response_headers_policy.static.id
  }

  restrictions {
    geo_restriction {
      restriction_type = "none"
    }
  }

  viewer_certificate {
    acm_certificate_arn      = var.static_certificate
    minimum_protocol_version = "TLSv1.2_2021"
    ssl_support_method       = "sni-only"
  }
}
