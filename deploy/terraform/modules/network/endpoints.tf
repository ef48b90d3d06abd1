# AWS's own services without a detour over the internet. The web tier has no other way to reach them.

resource "aws_vpc_endpoint" "gateway" {
  for_each = toset(["s3", "dynamodb"])

  vpc_id            = aws_vpc.main.id
  service_name      = "com.amazonaws.${var.region}.${each.key}"
  vpc_endpoint_type = "Gateway"
  route_table_ids   = [for table in aws_route_table.private : table.id]

  tags = { Name = "currency-service-${each.key}" }
}

resource "aws_vpc_endpoint" "interface" {
  for_each = toset(["sqs", "ssm", "ecr.api", "ecr.dkr", "logs"])

  vpc_id              = aws_vpc.main.id
  service_name        = "com.amazonaws.${var.region}.${each.key}"
  vpc_endpoint_type   = "Interface"
  private_dns_enabled = true
  # Each costs by the hour and zone: as many as there are NAT gateways.
  subnet_ids         = [for zone in local.nat_zones : aws_subnet.private[zone].id]
  security_group_ids = [aws_security_group.main["endpoints"].id]

  tags = { Name = "currency-service-${each.key}" }
}
