from __future__ import annotations

from setuptools import find_packages, setup

setup(
    name="diamondcasa_jewellery",
    version="0.0.1",
    packages=find_packages(),
    include_package_data=True,
    install_requires=["frappe"],
    zip_safe=False,
)
