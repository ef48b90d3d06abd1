# The way out: through the internet gateway for public subnets, through a NAT gateway for private ones,
# none for databases. Fewer gateways than zones: the last one serves the zones that have none.

resource "aws_internet_gateway" "main" {
  vpc_id = aws_vpc.main.id

  tags = { Name = "currency-service" }
}

resource "aws_route_table" "public" {
  vpc_id = aws_vpc.main.id

  route {
    cidr_block = "0.0.0.0/0"
    gateway_id = aws_internet_gateway.main.id
  }

  tags = { Name = "currency-service-public" }
}

resource "aws_route_table_association" "public" {
  for_each = aws_subnet.public

  subnet_id      = each.value.id
  route_table_id = aws_route_table.public.id
}

locals {
  nat_zones = slice(var.zones, 0, var.nat_gateways)
  # Zone → the zone whose gateway it leaves by.
  way_out = { for zone in var.zones : zone => contains(local.nat_zones, zone) ? zone : reverse(local.nat_zones)[0] }
}

resource "aws_eip" "nat" {
  #checkov:skip=CKV2_AWS_19: It belongs to the NAT gateway below; the check only knows instances.
  for_each = toset(local.nat_zones)

  domain = "vpc"

  tags = { Name = "currency-service-nat-${each.key}" }
}

resource "aws_nat_gateway" "main" {
  for_each = toset(local.nat_zones)

  allocation_id = aws_eip.nat[each.key].id
  subnet_id     = aws_subnet.public[each.key].id

  tags       = { Name = "currency-service-${each.key}" }
  depends_on = [aws_internet_gateway.main]
}

resource "aws_route_table" "private" {
  for_each = aws_subnet.private

  vpc_id = aws_vpc.main.id

  route {
    cidr_block     = "0.0.0.0/0"
    nat_gateway_id = aws_nat_gateway.main[local.way_out[each.key]].id
  }

  tags = { Name = "currency-service-private-${each.key}" }
}

resource "aws_route_table_association" "private" {
  for_each = aws_subnet.private

  subnet_id      = each.value.id
  route_table_id = aws_route_table.private[each.key].id
}

resource "aws_route_table" "database" {
  vpc_id = aws_vpc.main.id

  tags = { Name = "currency-service-database" }
}

resource "aws_route_table_association" "database" {
  for_each = aws_subnet.database

  subnet_id      = each.value.id
  route_table_id = aws_route_table.database.id
}
