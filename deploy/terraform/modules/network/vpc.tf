# Three kinds of subnets in three zones: public (load balancers, NAT), private (Lambda, EKS's nodes) and
# database (Aurora, Redis, MSK), which has no way out at all.
#
#   public    10.0.0.0/24    10.0.1.0/24    10.0.2.0/24
#   private   10.0.32.0/19   10.0.64.0/19   10.0.96.0/19     large: each pod takes an address of its own
#   database  10.0.128.0/24  10.0.129.0/24  10.0.130.0/24

resource "aws_vpc" "main" {
  cidr_block           = "10.0.0.0/16"
  enable_dns_support   = true
  enable_dns_hostnames = true

  tags = { Name = "currency-service" }
}

# The group a VPC is born with lets everything out: nobody uses it, and it lets nothing through.
resource "aws_default_security_group" "closed" {
  vpc_id = aws_vpc.main.id
}

resource "aws_subnet" "public" {
  for_each = { for number, zone in var.zones : zone => number }

  vpc_id                  = aws_vpc.main.id
  availability_zone       = each.key
  cidr_block              = cidrsubnet(aws_vpc.main.cidr_block, 8, each.value)
  map_public_ip_on_launch = false

  tags = { Name = "currency-service-public-${each.key}", "kubernetes.io/role/elb" = "1" }
}

resource "aws_subnet" "private" {
  for_each = { for number, zone in var.zones : zone => number }

  vpc_id            = aws_vpc.main.id
  availability_zone = each.key
  cidr_block        = cidrsubnet(aws_vpc.main.cidr_block, 3, each.value + 1)

  tags = { Name = "currency-service-private-${each.key}", "kubernetes.io/role/internal-elb" = "1" }
}

resource "aws_subnet" "database" {
  for_each = { for number, zone in var.zones : zone => number }

  vpc_id            = aws_vpc.main.id
  availability_zone = each.key
  cidr_block        = cidrsubnet(aws_vpc.main.cidr_block, 8, each.value + 128)

  tags = { Name = "currency-service-database-${each.key}" }
}
