# SPDX-License-Identifier: Apache-2.0
"""A layer in front of moto that is as strict about IAM and STS as AWS is."""
